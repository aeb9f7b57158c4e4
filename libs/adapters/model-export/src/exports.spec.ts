import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type ArchiveFile,
  archiveNames,
  type ExportedVariant,
  kserveArchivePath,
  kserveManifest,
  writeOciLayout,
} from './index.ts';

describe('archiveNames', () => {
  const variant = { model: 'digits', version: 3, format: 'onnx' as const };

  it('keeps the paths of files', () => {
    expect(archiveNames('files', { ...variant, paths: ['m/a.onnx', 'w'] })).toEqual(['m/a.onnx', 'w']);
  });

  it('gives the opened file the name that Triton looks for', () => {
    expect(archiveNames('triton', { ...variant, paths: ['digits-3.onnx', 'w.data'] })).toEqual([
      'digits/3/model.onnx',
      'digits/3/w.data',
    ]);
  });

  it('leaves names alone that a configuration may refer to', () => {
    expect(archiveNames('triton', { ...variant, paths: ['net.onnx', 'config.pbtxt'] })).toEqual([
      'digits/3/net.onnx',
      'digits/config.pbtxt',
    ]);
  });
});

describe('kserveManifest', () => {
  const variant: ExportedVariant = {
    namespace: 'vision',
    model: 'digits',
    version: 3,
    target: 'cpu',
    precision: 'fp32',
    format: 'onnx',
    digest: `sha256:${'0'.repeat(64)}`,
  };

  it('names the format, the protocol and where the files are', () => {
    expect(parse(kserveManifest(variant, 'digits', 'http://registry/x.tar'))).toEqual({
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      metadata: {
        name: 'digits',
        namespace: 'vision',
        labels: { 'slipway.dev/model': 'digits', 'slipway.dev/version': '3' },
        annotations: { 'slipway.dev/digest': variant.digest },
      },
      spec: {
        predictor: {
          model: {
            modelFormat: { name: 'onnx', version: '1' },
            protocolVersion: 'v2',
            storageUri: 'http://registry/x.tar',
          },
        },
      },
    });
  });

  it('asks for a GPU where the variant is built for one', () => {
    const { spec } = parse(kserveManifest({ ...variant, target: 'tensorrt', format: 'tensorrt_plan' }, 'digits', 'x'));
    expect(spec.predictor.model.resources.limits).toEqual({ 'nvidia.com/gpu': '1' });
  });

  it('refers to the archive that the runtime of the format can use', () => {
    const base = '/v1/namespaces/vision/models/digits/versions/3/variants/cpu-fp32';
    expect(kserveArchivePath(variant)).toBe(`${base}/triton.tar`);
    expect(kserveArchivePath({ ...variant, format: 'sklearn' })).toBe(`${base}/files.tar`);
  });
});

describe('writeOciLayout', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-oci-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): ArchiveFile => ({
    name,
    sizeBytes: text.length,
    open: async () => [Buffer.from(text)] as unknown as AsyncIterable<Uint8Array>,
  });
  const description = { model: 'digits', version: 3, createdAt: '2026-01-01T00:00:00.000Z', sourceCommit: 'abc' };
  const files = [file('model.onnx', 'graph'), file('w.data', 'weights')];
  const json = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const blob = (digest: string) => ['image', 'blobs', ...digest.split(':')];

  it('refers to every blob by its digest and size', async () => {
    const digest = await writeOciLayout(join(folder, 'image'), description, files);
    expect(json('image', 'oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const [listed] = json('image', 'index.json').manifests;
    expect(listed).toMatchObject({ digest, annotations: { 'org.opencontainers.image.ref.name': '3' } });
    const manifest = json(...blob(digest));
    expect(manifest.layers).toHaveLength(2);
    for (const descriptor of [listed, manifest.config, ...manifest.layers]) {
      const bytes = readFileSync(join(folder, ...blob(descriptor.digest)));
      expect(bytes.byteLength).toBe(descriptor.size);
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(descriptor.digest);
    }
    expect(json(...blob(manifest.config.digest)).rootfs.diff_ids).toEqual(
      manifest.layers.map((layer: { digest: string }) => layer.digest),
    );
    expect(readdirSync(join(folder, 'image/blobs/sha256'))).toHaveLength(4);
  });

  it('is the same image for the same version', async () => {
    const first = await writeOciLayout(join(folder, 'one'), description, files);
    expect(await writeOciLayout(join(folder, 'two'), description, files)).toBe(first);
  });

  it('leaves a folder alone that holds something, and no whole layout when it fails', async () => {
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full/kept'), 'x');
    await expect(writeOciLayout(join(folder, 'full'), description, files)).rejects.toThrow(/is no empty folder/);
    await expect(writeOciLayout(join(folder, 'full/kept'), description, files)).rejects.toThrow(/is no empty folder/);
    expect(readdirSync(join(folder, 'full'))).toEqual(['kept']);
    const broken = { ...file('x', 'x'), open: () => Promise.reject(new Error('gone')) };
    await expect(writeOciLayout(join(folder, 'half'), description, [broken])).rejects.toThrow('gone');
    expect(readdirSync(join(folder, 'half'))).not.toContain('oci-layout');
    expect(readdirSync(join(folder, 'half/blobs/sha256'))).toEqual([]);
  });
});
