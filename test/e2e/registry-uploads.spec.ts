import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMinio } from '../servers/minio.ts';
import { requireProgram } from '../servers/system-program.ts';
import { eventually } from './eventually.ts';
import { type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'slipway-uploads-'));
const bytes = randomFillSync(Buffer.alloc(20 * 1024 * 1024));
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

beforeAll(() => requireProgram('curl', ['curl']));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}
interface DraftFile {
  readonly isUploaded: boolean;
  readonly uploadPath: string;
  readonly directUpload: Request | null;
}

const declare = async ({ graphql }: RegistryFixture, model: string) => {
  await graphql(`mutation { createModel(input: { name: "${model}" }) { name } }`);
  const { data, errors } = await graphql(
    `mutation ($file: ModelFileInput!) { createVersion(input: { model: "${model}", idempotencyKey: "k",
      variants: [{ format: OTHER, files: [$file] }] }) {
        id files { isUploaded uploadPath directUpload { method url headers { name value } } } } }`,
    { file: { path: 'weights.bin', digest, sizeBytes: bytes.byteLength } },
  );
  expect(errors).toBeUndefined();
  const draft = data?.['createVersion'] as { id: string; files: [DraftFile] } | undefined;
  if (draft === undefined) throw new Error('the registry made no draft');
  return { id: draft.id, file: draft.files[0] };
};
const finalize = async ({ graphql }: RegistryFixture, model: string, id: string) => {
  const { data, errors } = await graphql(
    `mutation { finalizeVersion(model: "${model}", draftId: "${id}") { version variants { files { digest downloadPath
        directDownload { method url headers { name value } } } } } }`,
  );
  expect(errors).toBeUndefined();
  return data?.['finalizeVersion'] as {
    version: number;
    variants: [{ files: [{ digest: string; downloadPath: string; directDownload: Request | null }] }];
  };
};
const part = (name: string, from: number, to: number, source = bytes) => {
  const path = join(folder, name);
  writeFileSync(path, source.subarray(from, to));
  return path;
};
/** What curl got: the body, with the status on a line of its own at the end. */
const curl = async (...args: string[]) => {
  const { stdout } = await run('curl', ['-s', '-w', '\n%{http_code}', ...args], { maxBuffer: 1 << 26 });
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
};

describe('a file in pieces, by curl alone', () => {
  let registry: RegistryFixture;
  beforeAll(async () => {
    registry = await startRegistryFixture();
  });
  afterAll(async () => registry?.stop());

  const patch = (url: string, offset: number, path: string) =>
    curl('-X', 'PATCH', '-H', `upload-offset: ${offset}`, '-T', path, url);

  it('goes on at the byte that the registry names, and after the registry was killed', async () => {
    const { id, file } = await declare(registry, 'pieces');
    const url = `${registry.process.url}${file.uploadPath}`;
    expect((await patch(url, 0, part('a', 0, 9_000_000))).status).toBe(200);
    await registry.process.end('SIGKILL');
    await registry.process.start();
    const head = await curl('-I', url);
    expect(head.body).toMatch(/^upload-offset: 9000000\r$/m);
    expect(head.body).toMatch(/^upload-length: 20971520\r$/m);
    const wrong = await patch(url, 5, part('b', 5, 100));
    expect([wrong.status, JSON.parse(wrong.body)]).toMatchObject([409, { code: 'UPLOAD_OFFSET_WRONG' }]);
    const last = await patch(url, 9_000_000, part('c', 9_000_000, bytes.byteLength));
    expect(JSON.parse(last.body)).toMatchObject({ receivedBytes: bytes.byteLength, isComplete: true });

    const { version, variants } = await finalize(registry, 'pieces', id);
    expect(version).toBe(1);
    const target = join(folder, 'downloaded');
    expect((await curl('-o', target, `${registry.process.url}${variants[0].files[0].downloadPath}`)).status).toBe(200);
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  it('is deduplicated: the next version that has it needs no upload', async () => {
    expect((await declare(registry, 'another')).file.isUploaded).toBe(true);
  });

  it('is given out by name, and packed, with its digest as etag', async () => {
    const base = `${registry.process.url}/v1/namespaces/default/models/pieces/versions/1/variants/cpu-fp32`;
    const named = await curl('-D', '-', '-o', join(folder, 'named'), `${base}/files/weights.bin`);
    expect(named.body).toContain(`etag: "${digest}"`);
    expect(readFileSync(join(folder, 'named')).equals(bytes)).toBe(true);
    const archive = join(folder, 'files.tar');
    expect((await curl('-o', archive, `${base}/files.tar`)).status).toBe(200);
    expect((await run('tar', ['-tf', archive])).stdout.trim()).toBe('weights.bin');
    for (const path of ['files/%2e%2e/%2e%2e/slipway.json', 'files/none', '../cpu-int8/files.tar', 'triton.zip']) {
      expect((await curl('--path-as-is', `${base}/${path}`)).status).toBe(404);
    }
  });

  it('does not reach a client when the store has damaged it', async () => {
    const blob = join(registry.storeDir, 'blobs/sha256', digest.slice('sha256:'.length));
    const damaged = Buffer.from(bytes);
    damaged[bytes.byteLength - 1] = (damaged[bytes.byteLength - 1] ?? 0) ^ 1;
    writeFileSync(blob, damaged);
    const target = join(folder, 'damaged');
    const pull = ['--registry', registry.process.url, 'model', 'pull', 'pieces@1', target];
    const { exitCode, stderr } = await runSlipway({ stateDir: folder }, pull);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/ARTIFACT_CORRUPT|REGISTRY_UNAVAILABLE/)]);
    expect(existsSync(join(target, 'weights.bin'))).toBe(false);
    await expect(
      run('curl', ['-sf', '-o', '/dev/null', `${registry.process.url}/v1/blobs/${digest}`]),
    ).rejects.toThrow();
  });
});

describe('bytes that go to the bucket directly', () => {
  let minio: Awaited<ReturnType<typeof startMinio>>;
  let registry: RegistryFixture;
  beforeAll(async () => {
    minio = await startMinio();
    registry = await startRegistryFixture({
      ...minio.environment(),
      SLIPWAY_S3_BUCKET: 'direct',
      SLIPWAY_S3_PUBLIC_ENDPOINT: minio.endpoint,
    });
  });
  afterAll(async () => {
    await registry?.stop();
    await minio?.stop();
  });

  const send = ({ method, url, headers }: Request, path: string) =>
    curl('-X', method, ...headers.flatMap(({ name, value }) => ['-H', `${name}: ${value}`]), '-T', path, url);

  it('are taken by the bucket only with the declared digest, and come back from it', async () => {
    const { id, file } = await declare(registry, 'direct');
    const request = file.directUpload as Request;
    expect(request.url).toContain(minio.endpoint);
    const other = Buffer.from(bytes);
    other[0] = (other[0] ?? 0) ^ 1;
    expect((await send(request, part('other', 0, other.byteLength, other))).status).toBeGreaterThanOrEqual(400);
    expect((await send(request, part('short', 0, 100))).status).toBeGreaterThanOrEqual(400);
    expect((await declare(registry, 'direct')).file.isUploaded).toBe(false);

    expect((await send(request, part('whole', 0, bytes.byteLength))).status).toBe(200);
    const { variants } = await finalize(registry, 'direct', id);
    const { method, url } = variants[0].files[0].directDownload as Request;
    const target = join(folder, 'direct');
    expect((await curl('-X', method, '-o', target, url)).status).toBe(200);
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  it('are checked by the command line, and fetched again where they were edited', async () => {
    const pull = () =>
      runSlipway({ stateDir: folder }, [
        '--registry',
        registry.process.url,
        'model',
        'pull',
        'direct@1',
        join(folder, 'pulled'),
      ]);
    expect((await pull()).stdout).toContain('1 of 1 files fetched');
    writeFileSync(join(folder, 'pulled/weights.bin'), 'edited');
    expect(await pull()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 of 1 files fetched (21.0 MB)'),
    });
    expect(readFileSync(join(folder, 'pulled/weights.bin')).equals(bytes)).toBe(true);
    expect((await pull()).stdout).toContain('0 of 1 files fetched');
  });
});

it('an upload whose registry died after the last byte is completed by the next request', async () => {
  const registry = await startRegistryFixture();
  try {
    const sizeBytes = 65 * 1024 * 1024;
    const zeros = Buffer.alloc(sizeBytes);
    const zerosDigest = createHash('sha256').update(zeros).digest('hex');
    await registry.client.call('createModel', { input: { name: 'zeros' } });
    const files = [{ path: 'zeros.bin', digest: `sha256:${zerosDigest}`, sizeBytes }];
    const draft = await registry.client.call('createVersion', {
      input: { model: 'zeros', variants: [{ format: 'OTHER', files }] },
    });
    const upload = join(registry.storeDir, 'uploads', draft.id, zerosDigest);
    mkdirSync(upload, { recursive: true });
    writeFileSync(join(upload, '0'.repeat(16)), zeros);
    const [file] = draft.files;
    if (file === undefined) throw new Error('the registry wants no file');
    await registry.client.uploadBlob(file, async function* () {});
    const place = { namespace: 'default', model: 'zeros', draftId: draft.id };
    expect((await registry.client.call('finalizeVersion', place)).version).toBe(1);
  } finally {
    await registry.stop();
  }
});

it('a push that is killed goes on where it was', async () => {
  const registry = await startRegistryFixture();
  try {
    const large = randomFillSync(Buffer.alloc(200 * 1024 * 1024));
    const file = part('large.bin', 0, large.byteLength, large);
    const push = ['--registry', registry.process.url, 'model', 'push', 'large', file, '--format', 'other', '--json'];
    const first = runSlipway({ stateDir: folder }, push);
    const segments = async () =>
      (await run('find', [join(registry.storeDir, 'uploads'), '-type', 'f']).catch(() => ({ stdout: '' }))).stdout;
    await eventually('pieces arrive', segments, (text) => text.split('\n').length > 5);
    await registry.process.end('SIGKILL');
    await registry.process.start();
    const { exitCode, stdout, stderr } = await first;
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, isNew: true });
    expect(JSON.parse((await runSlipway({ stateDir: folder }, push)).stdout)).toMatchObject({
      version: 1,
      isNew: false,
    });
  } finally {
    await registry.stop();
  }
});
