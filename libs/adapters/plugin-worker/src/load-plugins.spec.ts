import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { YamlPluginParser } from '#adapters/json-schema';
import { loadPlugins } from '#application/plugin';
import { FsPluginFolders } from './plugin-folders.ts';

const folders = new FsPluginFolders();
const parser = new YamlPluginParser();
afterAll(() => folders.clear());

const manifest = { name: 'scale', version: '1.0.0', interface: '1.0', kind: 'preprocessor', entry: 'src/index.ts' };
const config = { type: 'object', properties: { factor: { type: 'number' } }, additionalProperties: false };

function pluginIn(root: string, name: string, own: object = {}): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'slipway-plugin.json'), JSON.stringify({ ...manifest, name, config, ...own }));
  writeFileSync(join(folder, 'src/index.ts'), 'export const execute = () => [];\n');
  return folder;
}

function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'slipway-plugins-'));
}

async function load(root: string, plugins: readonly object[]) {
  const file = join(root, 'plugins.yaml');
  writeFileSync(file, JSON.stringify({ plugins }));
  return loadPlugins(file, { parser, folders });
}

const digestOf = async (folder: string) => (await folders.read(folder)).digest;

describe('the list of plugins', () => {
  it('loads what is allowed, with defaults, from a copy that nobody else writes', async () => {
    const root = scratch();
    const digest = await digestOf(pluginIn(root, 'scale'));
    const [plugin] = await load(root, [{ path: './scale', digest, config: { factor: 2 }, memory: '1Gi' }]);
    expect(plugin).toMatchObject({
      manifest: { name: 'scale', version: '1.0.0' },
      options: { instances: 1, memoryMib: 1024, initMs: 10_000, executeMs: 250, shutdownMs: 2000, grants: [] },
    });
    appendFileSync(join(root, 'scale/src/index.ts'), 'throw new Error("swapped");\n');
    expect(readFileSync(join(plugin?.folder ?? '', 'src/index.ts'), 'utf8')).not.toContain('swapped');
  });

  it('has the digest that coreutils print', async () => {
    const folder = pluginIn(scratch(), 'scale');
    const list = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1";
    const printed = execFileSync('bash', ['-c', list], { cwd: folder, encoding: 'utf8' }).trim();
    expect(await digestOf(folder)).toBe(`sha256:${printed}`);
  });

  it('tells all that is wrong at once, and looks into no folder of another digest', async () => {
    const root = scratch();
    const wrongKind = pluginIn(root, 'sum', { kind: 'adder' });
    const newer = pluginIn(root, 'newer', { interface: '1.9', version: 'one' });
    const entry = pluginIn(root, 'entry', { entry: 'gone.ts' });
    const configured = pluginIn(root, 'configured');
    const linked = pluginIn(root, 'linked');
    symlinkSync('/etc/passwd', join(linked, 'passwd'));
    const unlike = pluginIn(root, 'unlike');
    writeFileSync(join(unlike, 'slipway-plugin.json'), '{');
    const loading = load(root, [
      { path: wrongKind, digest: await digestOf(wrongKind) },
      { path: newer, digest: await digestOf(newer) },
      { path: entry, digest: await digestOf(entry) },
      { path: configured, digest: await digestOf(configured), config: { factor: 'two' } },
      { path: linked, digest: `sha256:${'0'.repeat(64)}` },
      { path: unlike, digest: `sha256:${'0'.repeat(64)}` },
      { path: './absent', digest: `sha256:${'0'.repeat(64)}` },
    ]);
    const error: Error = await loading.then(
      () => expect.fail(),
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID' });
    const told = error.message.split('\n').slice(1);
    expect(told).toHaveLength(8);
    expect(told[0]).toContain(
      'kind must be one of preprocessor, postprocessor, gate, auth-source, runtime, not "adder"',
    );
    expect(told[1]).toContain('version is no semantic version');
    expect(told[2]).toContain('interface is 1.9, and this host offers 1.1: the host is too old');
    expect(told[3]).toContain('entry gone.ts is not in the folder');
    expect(told[4]).toContain('config.factor');
    expect(told[5]).toContain('passwd is no file and no folder');
    expect(told[6]).toContain('look what changed');
    expect(told[7]).toContain('cannot be read: ENOENT');
  });

  it('has each name once, and a configuration only for a plugin that takes one', async () => {
    const root = scratch();
    const folder = pluginIn(root, 'plain', { config: undefined });
    const digest = await digestOf(folder);
    await expect(
      load(root, [
        { path: folder, digest },
        { path: folder, digest },
      ]),
    ).rejects.toThrow('name plain is taken');
    await expect(load(root, [{ path: folder, digest, config: { a: 1 } }])).rejects.toThrow('the plugin takes none');
  });

  it('says which variants a runtime runs, of which each has one', async () => {
    const root = scratch();
    const runtime = { kind: 'runtime', interface: '1.1' };
    const [trees, texts, scale] = [
      pluginIn(root, 'trees', runtime),
      pluginIn(root, 'texts', runtime),
      pluginIn(root, 'scale'),
    ];
    const [ofTrees, ofTexts, ofScale] = await Promise.all([trees, texts, scale].map(digestOf));
    const [first, second] = await load(root, [
      { path: trees, digest: ofTrees, serves: [{ format: 'trees' }] },
      { path: texts, digest: ofTexts, serves: [{ format: 'gguf', target: 'cpu' }, { format: 'texts' }] },
    ]);
    expect(first?.options.serves).toEqual([{ format: 'trees' }]);
    expect(second?.options.serves).toHaveLength(2);
    const loading = load(root, [
      { path: trees, digest: ofTrees, serves: [{ format: 'trees' }, { format: 'onnx' }] },
      { path: trees, digest: ofTrees },
      { path: scale, digest: ofScale, serves: [{ target: 'cuda' }] },
    ]);
    const told = await loading.catch((error: Error) => error.message.split('\n').slice(1));
    expect(told).toEqual([
      expect.stringContaining("serves[1].format onnx is run by a runtime of Slipway's own"),
      expect.stringContaining('serves must say which variants the runtime runs, such as [{ format: trees }]'),
      expect.stringContaining("serves is a runtime's, and this is a preprocessor"),
    ]);
    const rivals = load(root, [
      { path: trees, digest: ofTrees, serves: [{ format: 'trees' }] },
      { path: texts, digest: ofTexts, serves: [{ format: 'texts' }, { target: 'cpu' }] },
    ]);
    await expect(rivals).rejects.toThrow('serves any format for cpu, of which trees runs some already');
  });

  it.each([
    ['plugins: [{ path: a }]', 'plugins[0].digest is required'],
    ['plugins: [{ path: a, digest: "sha256:12" }]', 'plugins[0].digest'],
    [`plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", memory: 8Mi }]`, 'must be at least 32Mi'],
    [
      `plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", allow: [everything] }]`,
      'must be one of network, files',
    ],
    [`plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", deadlines: { execute: 11m } }]`, 'must be at most 10m'],
    [
      `plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", serves: [{ format: a }], instances: 2 }]`,
      "plugins[0].instances is not a runtime's",
    ],
    [
      `plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", serves: [{ format: a }], deadlines: { execute: 1s } }]`,
      "plugins[0].deadlines.execute is not a runtime's",
    ],
    [`plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", serves: [{}] }]`, 'plugins[0].serves[0]'],
    [
      `plugins: [{ path: a, digest: "sha256:${'0'.repeat(64)}", serves: [{ format: A }] }]`,
      'plugins[0].serves[0].format',
    ],
    ['plugins: [', 'line 1'],
    ['', 'one YAML or JSON document is expected'],
  ])('is refused as %s', async (text, message) => {
    const file = join(scratch(), 'plugins.yaml');
    writeFileSync(file, text);
    await expect(loadPlugins(file, { parser, folders })).rejects.toThrow(message);
  });
});
