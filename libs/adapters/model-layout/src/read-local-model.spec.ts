import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ModelFormat, parseModelFormat } from '#domain/registry';
import { readLocalModel, tritonModelsIn } from './index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-layout-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
};
const read = async (path = '', format?: ModelFormat) => {
  const { layout, versions } = await readLocalModel(join(folder, path), format);
  return {
    layout,
    versions: versions.map((version) => ({ ...version, files: version.files.map((file) => file.path) })),
  };
};

describe('a file or a folder', () => {
  it('is one version, in the format that the name tells', async () => {
    put({ 'model.onnx': '' });
    expect(await read('model.onnx')).toMatchObject({
      layout: 'file',
      versions: [{ format: 'onnx', files: ['model.onnx'] }],
    });
  });

  it('has the file first that a runtime opens: the one that lies least deep', async () => {
    put({ 'a/part.onnx': '', 'config.json': '', 'model.onnx': '', 'weights.data': '', '.git/HEAD': '' });
    expect(await read()).toMatchObject({
      layout: 'folder',
      versions: [{ format: 'onnx', files: ['model.onnx', 'a/part.onnx', 'config.json', 'weights.data'] }],
    });
  });

  it('may be a format that is only stored, when somebody says which', async () => {
    put({ 'booster.json': '{}' });
    expect(await read('', 'xgboost')).toMatchObject({ versions: [{ format: 'xgboost', files: ['booster.json'] }] });
    await expect(read()).rejects.toThrow(/the format cannot be told from the names of the files: say --format onnx\|/);
    await expect(read('', 'gguf')).rejects.toThrow(/holds no file of the format gguf/);
  });

  it('may be a format of somebody’s own, with the file first that lies least deep', async () => {
    put({ 'a/more': '', 'trees.json': '{}' });
    const format = parseModelFormat('xgboost-json', 'format');
    expect(await read('', format)).toMatchObject({ versions: [{ format, files: ['trees.json', 'a/more'] }] });
  });

  it('is followed through links to files, and to nothing else', async () => {
    put({ 'blobs/1': 'x', 'snapshot/config.json': '{}' });
    symlinkSync(join(folder, 'blobs/1'), join(folder, 'snapshot/model.safetensors'));
    expect(await read('snapshot')).toMatchObject({
      versions: [{ format: 'safetensors', files: ['model.safetensors', 'config.json'] }],
    });
    symlinkSync('/', join(folder, 'snapshot/everything'));
    await expect(read('snapshot')).rejects.toThrow(/everything is neither a file nor a folder nor a link to a file/);
  });

  it('that is missing or empty is refused', async () => {
    await expect(read('nowhere')).rejects.toThrow(/nowhere does not exist/);
    await expect(read()).rejects.toThrow(/holds no files/);
  });
});

describe('a model that MLflow saved', () => {
  const onnx = 'flavors:\n  onnx: {data: model.onnx}\n  python_function: {data: model.onnx}\nrun_id: abc\n';

  it('in ONNX is served as ONNX, with what MLflow knows of it', async () => {
    put({
      MLmodel: `${onnx}mlflow_version: 3.17.2\nmetadata: {team: vision, tags: [1]}\n`,
      'model.onnx': '',
      'w.data': '',
    });
    const signature = expect.anything();
    expect(await read()).toEqual({
      layout: 'mlflow',
      versions: [
        {
          format: 'onnx',
          files: ['model.onnx', 'MLmodel', 'w.data'],
          labels: { 'mlflow.flavor': 'onnx', 'mlflow.run_id': 'abc', 'mlflow.version': '3.17.2' },
          parameters: { team: 'vision' },
        },
      ],
    });
    expect((await read()).versions[0]).not.toHaveProperty('signature', signature);
  });

  it('in another flavor is kept whole, with the signature', async () => {
    const inputs = '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 64]}}]';
    const outputs = '[{"name": "label", "type": "long"}, {"name": "why", "type": "string"}]';
    put({
      MLmodel: `flavors:\n  sklearn: {pickled_model: model.pkl}\nsignature:\n  inputs: '${inputs}'\n  outputs: '${outputs}'\n`,
      'model.pkl': '',
    });
    expect((await read()).versions).toMatchObject([
      {
        format: 'mlflow',
        files: ['MLmodel', 'model.pkl'],
        signature: {
          inputs: [{ name: 'input-0', datatype: 'FP32', shape: [-1, 64] }],
          outputs: [
            { name: 'label', datatype: 'INT64', shape: [-1] },
            { name: 'why', datatype: 'BYTES', shape: [-1] },
          ],
        },
      },
    ]);
  });

  it('has no signature when tensors cannot express the one that it has', async () => {
    put({ MLmodel: `flavors: {prophet: {}}\nsignature: {inputs: '[{"type": "any"}]', outputs: '[]'}\n` });
    expect((await read()).versions[0]).not.toHaveProperty('signature');
  });

  it.each([
    ['flavors: [', /MLmodel cannot be read as YAML/],
    ['name: x', /MLmodel names no flavors/],
    ["flavors: {a: {}}\nsignature: {inputs: '[', outputs: '[]'}", /the signature's inputs are no JSON/],
    ["flavors: {a: {}}\nsignature: {inputs: '{}', outputs: '[]'}", /the signature's inputs are no list/],
  ])('is refused when MLmodel is broken: %j', async (text, problem) => {
    put({ MLmodel: text });
    await expect(read()).rejects.toThrow(problem);
  });
});

describe('a Triton repository', () => {
  const config = `
    name: "resnet" platform: "onnxruntime_onnx" max_batch_size: 8
    input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 224, 224 ] } ]
    output [ { name: "class" data_type: TYPE_STRING dims: [ 1 ] } ]`;

  it('gives each numbered folder as a version, in the order of the numbers', async () => {
    put({ 'config.pbtxt': config, '10/model.onnx': 'b', '2/model.onnx': 'a', '2/w.bin': '', 'labels.txt': '' });
    expect(await read()).toMatchObject({
      layout: 'triton',
      versions: [
        {
          name: '2',
          format: 'onnx',
          files: ['model.onnx', 'w.bin', 'config.pbtxt'],
          labels: { 'triton.version': '2' },
        },
        { name: '10', files: ['model.onnx', 'config.pbtxt'] },
      ],
    });
  });

  it('reads target, signature and file from the configuration, where files do not say', async () => {
    put({
      'config.pbtxt': `${config.replace('platform: "onnxruntime_onnx"', 'backend: "pytorch" default_model_filename: "net.pt"')}
        instance_group [ { kind: KIND_GPU count: 2 } ]`,
      '1/other.pt': '',
      '1/net.pt': '',
    });
    expect((await read()).versions).toMatchObject([
      {
        format: 'torchscript',
        target: 'cuda',
        files: ['net.pt', 'other.pt', 'config.pbtxt'],
        signature: {
          inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 224, 224] }],
          outputs: [{ name: 'class', datatype: 'BYTES', shape: [-1, 1] }],
        },
        parameters: { 'triton.backend': 'pytorch', 'triton.max_batch_size': '8' },
      },
    ]);
  });

  it('needs no configuration where names tell enough', async () => {
    put({ '1/model.plan': '' });
    expect((await read()).versions).toMatchObject([{ format: 'tensorrt_plan', files: ['model.plan'] }]);
  });

  it('is refused with the line where the configuration breaks', async () => {
    put({ 'config.pbtxt': 'name: "x"\ninput [ {', '1/model.onnx': '' });
    await expect(read()).rejects.toThrow(/config\.pbtxt, line 2: got "the end", wanted the name of a field/);
  });

  it('is listed, and not taken for a model', async () => {
    put({ 'b/config.pbtxt': config, 'b/1/model.onnx': '', 'a/1/model.onnx': '', 'notes/1/readme.txt': '' });
    expect(await tritonModelsIn(folder)).toEqual(['a', 'b']);
    await expect(read()).rejects.toThrow(
      /a repository with the models a, b: push one of its folders, or all with `slipway model import/,
    );
  });
});
