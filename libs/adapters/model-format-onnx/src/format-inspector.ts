import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelInspection, ModelInspector } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { ModelFormat } from '#domain/registry';
import { FileSource, MemorySource } from './byte-source.ts';
import { readOnnxModel } from './onnx-model.ts';

/** Up to this size a model is looked at in memory, above in a temporary file. */
const MAX_IN_MEMORY_BYTES = 16 * 1024 * 1024;

/** Inspects ONNX models; the other formats are stored without being read. */
export class FormatInspector implements ModelInspector {
  canRead(format: ModelFormat): boolean {
    return format === 'onnx';
  }

  async inspect(format: ModelFormat, bytes: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<ModelInspection> {
    if (!this.canRead(format)) throw new DomainError('MODEL_FILE_INVALID', `files of format ${format} cannot be read`);
    if (sizeBytes > MAX_IN_MEMORY_BYTES) return inspectFile(bytes, sizeBytes);
    const whole = new Uint8Array(sizeBytes);
    let length = 0;
    for await (const chunk of bytes) {
      whole.set(chunk, length);
      length += chunk.byteLength;
    }
    return readOnnxModel(new MemorySource(whole));
  }
}

async function inspectFile(bytes: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<ModelInspection> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-inspect-'));
  try {
    const path = join(directory, 'model.onnx');
    const file = await open(path, 'wx');
    try {
      for await (const chunk of bytes) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    const source = new FileSource(path, sizeBytes);
    try {
      return readOnnxModel(source);
    } finally {
      source.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
