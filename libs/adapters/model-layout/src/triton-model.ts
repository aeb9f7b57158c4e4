import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DomainError } from '#domain/errors';
import { type Datatype, isDatatype, type TensorSpec } from '#domain/inference';
import type { HardwareTarget, ModelFormat } from '#domain/registry';
import { filesBelow } from './files-below.ts';
import { formatOf } from './format-files.ts';
import type { LocalFile, LocalVersion } from './local-model.ts';
import { lastOf, messagesOf, parseProtobufText, type TextMessage } from './protobuf-text.ts';

const TRITON_FILE = 'config.pbtxt';

/** Backends and the older platforms, by the format of their files. */
const FORMATS: Readonly<Record<string, ModelFormat>> = {
  onnxruntime: 'onnx',
  onnxruntime_onnx: 'onnx',
  tensorrt: 'tensorrt_plan',
  tensorrt_plan: 'tensorrt_plan',
  pytorch: 'torchscript',
  pytorch_libtorch: 'torchscript',
  tensorflow: 'savedmodel',
  tensorflow_savedmodel: 'savedmodel',
  openvino: 'openvino_ir',
};

/** Numbered folders, which hold the versions, in the order of their numbers. */
async function versionFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^[1-9]\d{0,15}$/.test(entry.name))
    .map(({ name }) => name)
    .toSorted((left, right) => Number(left) - Number(right));
}

/** Whether a folder is a model of a Triton repository: it has a configuration and a version, or only versions with a model each. */
export async function isTritonModel(folder: string): Promise<boolean> {
  const versions = await versionFolders(folder);
  if (versions.length === 0) return false;
  if (await isFile(join(folder, TRITON_FILE))) return true;
  const files = await Promise.all(versions.map((version) => readdir(join(folder, version))));
  return files.every((names) => names.some((name) => name.startsWith('model.')));
}

/** The models of a Triton repository, by name; none when the folder is no such repository. */
export async function tritonModelsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(folders.map((name) => isTritonModel(join(folder, name))));
  return folders.filter((_, at) => found[at]).toSorted();
}

/**
 * A model of a Triton repository. Each numbered folder is a version; the configuration goes with each.
 *
 * @param declared the format, where a person says it.
 * @throws INPUT_INVALID when the configuration cannot be read, or a version has no model of its format.
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html
 */
export async function readTritonModel(folder: string, declared: ModelFormat | undefined): Promise<LocalVersion[]> {
  const config = await readConfig(folder);
  const versions: LocalVersion[] = [];
  for (const name of await versionFolders(folder)) versions.push(await readVersion(folder, name, config, declared));
  return versions;
}

async function readVersion(
  folder: string,
  name: string,
  config: TritonConfig | undefined,
  declared: ModelFormat | undefined,
): Promise<LocalVersion> {
  const below = await filesBelow(join(folder, name));
  const wanted = declared ?? config?.format ?? (config === undefined ? undefined : 'other');
  const { format, files } = formatOf(
    config === undefined ? below : openedFirst(below, config),
    wanted,
    join(folder, name),
  );
  const configFile: LocalFile[] =
    config === undefined ? [] : [{ path: TRITON_FILE, localPath: join(folder, TRITON_FILE) }];
  return {
    name,
    format,
    files: [...files, ...configFile],
    ...(config?.target === undefined ? {} : { target: config.target }),
    // ONNX files say it themselves, and more exactly: a configuration may leave axes open.
    ...(format === 'onnx' || config?.signature === undefined ? {} : { signature: config.signature }),
    labels: { 'triton.version': name },
    parameters: config?.parameters ?? {},
  };
}

/** The file that the configuration names comes first among those that could be opened. */
function openedFirst(files: readonly LocalFile[], { fileName }: TritonConfig): LocalFile[] {
  const isNamed = ({ path }: LocalFile) =>
    fileName === undefined ? basename(path).startsWith('model.') : path === fileName;
  return files.toSorted((left, right) => Number(isNamed(right)) - Number(isNamed(left)));
}

interface TritonConfig {
  readonly format: ModelFormat | undefined;
  readonly target: HardwareTarget | undefined;
  readonly fileName: string | undefined;
  readonly signature: LocalVersion['signature'];
  readonly parameters: Readonly<Record<string, string>>;
}

async function readConfig(folder: string): Promise<TritonConfig | undefined> {
  const place = join(folder, TRITON_FILE);
  if (!(await isFile(place))) return undefined;
  try {
    return configIn(parseProtobufText(await readFile(place, 'utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DomainError('INPUT_INVALID', `${place}, ${error.message}`);
  }
}

function configIn(message: TextMessage): TritonConfig {
  const text = (name: string) => {
    const value = lastOf(message, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [backend, platform] = [text('backend'), text('platform')];
  const format = FORMATS[backend ?? ''] ?? FORMATS[platform ?? ''];
  const maxBatchSize = Number(lastOf(message, 'max_batch_size') ?? 0);
  const isOnGpu = messagesOf(message, 'instance_group').some((group) => lastOf(group, 'kind') === 'KIND_GPU');
  const inputs = tensorsOf(message, 'input', maxBatchSize);
  const outputs = tensorsOf(message, 'output', maxBatchSize);
  const parameters = {
    ...(backend === undefined ? {} : { 'triton.backend': backend }),
    ...(platform === undefined ? {} : { 'triton.platform': platform }),
    'triton.max_batch_size': String(maxBatchSize),
  };
  return {
    format,
    target: format === 'tensorrt_plan' ? 'tensorrt' : isOnGpu ? 'cuda' : undefined,
    fileName: text('default_model_filename'),
    signature: inputs === undefined || outputs === undefined ? undefined : { inputs, outputs },
    parameters,
  };
}

/** With batching on, the dimensions leave the first axis out. */
function tensorsOf(message: TextMessage, field: string, maxBatchSize: number): TensorSpec[] | undefined {
  const tensors = messagesOf(message, field).map((tensor) => {
    const [name, datatype] = [lastOf(tensor, 'name'), datatypeOf(lastOf(tensor, 'data_type'))];
    const dims = (tensor.fields.get('dims') ?? []).map(Number);
    const shape = maxBatchSize > 0 ? [-1, ...dims] : dims;
    const isWhole = typeof name === 'string' && datatype !== undefined && dims.every(Number.isInteger);
    return isWhole ? { name, datatype, shape } : undefined;
  });
  return tensors.length > 0 && tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
}

function datatypeOf(value: unknown): Datatype | undefined {
  const word = String(value).replace(/^TYPE_/, '');
  if (word === 'STRING') return 'BYTES';
  return isDatatype(word) ? word : undefined;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
