import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AccessDocuments, AccessMemory } from '#application/access';
import { decodeKeys, decodePolicies, encodeKeys, encodePolicies } from './access-records.ts';

/** Nobody else on the machine needs to know who has keys. */
const OWNER_ONLY = 0o600;

/** Keeps what decides over access in a file of this machine. */
export class FileAccessMemory implements AccessMemory {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<AccessDocuments | undefined> {
    try {
      const { policies, keys } = JSON.parse(await readFile(this.#path, 'utf8')) as { policies: string; keys: string };
      const bytesOf = (text: string) => new TextEncoder().encode(text);
      return {
        policies: policies === '' ? undefined : decodePolicies(bytesOf(policies)),
        keys: decodeKeys(bytesOf(keys)),
      };
    } catch {
      // Absent, or not what this program writes: the source has it.
      return undefined;
    }
  }

  async save({ policies, keys }: AccessDocuments): Promise<void> {
    const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const document = {
      policies: policies === undefined ? '' : textOf(encodePolicies({ ...policies, epoch: 0 })),
      keys: textOf(encodeKeys(keys)),
    };
    await mkdir(dirname(this.#path), { recursive: true });
    const unfinished = `${this.#path}.tmp`;
    const file = await open(unfinished, 'w', OWNER_ONLY);
    try {
      await file.writeFile(JSON.stringify(document));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, this.#path);
  }
}
