import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DomainError } from '#domain/errors';
import type { Datatype, TensorSpec } from '#domain/inference';
import { filesBelow } from './files-below.ts';
import { formatOf } from './format-files.ts';
import type { LocalFile, LocalVersion } from './local-model.ts';

export const MLFLOW_FILE = 'MLmodel';

/** What an `MLmodel` file says, as far as it is used. */
interface MlflowModel {
  readonly flavors?: Readonly<Record<string, { readonly data?: unknown } | null>>;
  readonly run_id?: unknown;
  readonly model_id?: unknown;
  readonly mlflow_version?: unknown;
  readonly utc_time_created?: unknown;
  readonly metadata?: unknown;
  readonly signature?: { readonly inputs?: unknown; readonly outputs?: unknown } | null;
}

/**
 * A model that MLflow saved: an ONNX flavor in one file becomes an ONNX variant, anything else is kept as an MLflow model, whole.
 *
 * @throws INPUT_INVALID when `MLmodel` cannot be read.
 * @see https://mlflow.org/docs/latest/ml/model/#storage-format
 */
export async function readMlflowModel(folder: string): Promise<LocalVersion> {
  const place = join(folder, MLFLOW_FILE);
  const model = parseModel(await readFile(place, 'utf8'), place);
  const files = await filesBelow(folder);
  const onnx = onnxFile(model, files);
  const { format, files: ordered } = formatOf(
    onnx === undefined ? files : [onnx, ...files.filter((file) => file !== onnx)],
    onnx === undefined ? 'mlflow' : 'onnx',
    folder,
  );
  const signature = format === 'onnx' ? undefined : signatureOf(model, place);
  return {
    format,
    files: ordered,
    ...(signature === undefined ? {} : { signature }),
    labels: labelsOf(model),
    parameters: scalarsOf(model.metadata, ''),
  };
}

function parseModel(text: string, place: string): MlflowModel {
  let model: unknown;
  try {
    model = parse(text);
  } catch (error) {
    throw new DomainError('INPUT_INVALID', `${place} cannot be read as YAML: ${(error as Error).message}`);
  }
  const flavors = (model as MlflowModel | null)?.flavors;
  if (typeof flavors === 'object' && flavors !== null) return model as MlflowModel;
  throw new DomainError('INPUT_INVALID', `${place} names no flavors: this is no model that MLflow saved`);
}

/** The model file of an ONNX flavor; a flavor whose data is a folder is not one model file. */
function onnxFile({ flavors }: MlflowModel, files: readonly LocalFile[]): LocalFile | undefined {
  const data = flavors?.['onnx']?.data;
  return files.find(({ path }) => path === data);
}

function labelsOf(model: MlflowModel): Record<string, string> {
  const flavors = Object.keys(model.flavors ?? {}).filter((flavor) => flavor !== 'python_function');
  return {
    ...(flavors.length === 0 ? {} : { 'mlflow.flavor': flavors.toSorted().join(',') }),
    ...scalarsOf(
      {
        run_id: model.run_id,
        model_id: model.model_id,
        version: model.mlflow_version,
        created: model.utc_time_created,
      },
      'mlflow.',
    ),
  };
}

function scalarsOf(values: unknown, prefix: string): Record<string, string> {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  const scalars = entries.filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(scalars.map(([name, value]) => [`${prefix}${name}`, String(value)]));
}

/** `undefined` when MLflow saved none, or one that tensors cannot express. */
function signatureOf({ signature }: MlflowModel, place: string): LocalVersion['signature'] {
  if (signature == null) return undefined;
  const inputs = tensorsOf(signature.inputs, 'input', place);
  const outputs = tensorsOf(signature.outputs, 'output', place);
  return inputs === undefined || outputs === undefined ? undefined : { inputs, outputs };
}

interface MlflowColumn {
  readonly name?: string;
  readonly type?: string;
  readonly 'tensor-spec'?: { readonly dtype?: string; readonly shape?: readonly number[] };
}

function tensorsOf(text: unknown, kind: string, place: string): TensorSpec[] | undefined {
  if (text == null) return [];
  const columns = parseColumns(String(text), kind, place);
  const tensors = columns.map((column, at) => tensorOf(column, `${kind}-${at}`));
  return tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
}

function parseColumns(text: string, kind: string, place: string): readonly MlflowColumn[] {
  let columns: unknown;
  try {
    columns = JSON.parse(text);
  } catch (error) {
    throw new DomainError(
      'INPUT_INVALID',
      `${place}: the signature's ${kind}s are no JSON: ${(error as Error).message}`,
    );
  }
  if (Array.isArray(columns)) return columns.map((column: MlflowColumn | null) => column ?? {});
  throw new DomainError('INPUT_INVALID', `${place}: the signature's ${kind}s are no list`);
}

/** @param fallback the name that MLServer gives to a tensor without one. */
function tensorOf({ name, type, 'tensor-spec': spec }: MlflowColumn, fallback: string): TensorSpec | undefined {
  const datatype = type === 'tensor' ? NUMPY_DATATYPES[spec?.dtype ?? ''] : COLUMN_DATATYPES[type ?? ''];
  if (datatype === undefined) return undefined;
  return { name: name ?? fallback, datatype, shape: type === 'tensor' ? (spec?.shape ?? []) : [-1] };
}

const COLUMN_DATATYPES: Readonly<Record<string, Datatype>> = {
  boolean: 'BOOL',
  integer: 'INT32',
  long: 'INT64',
  float: 'FP32',
  double: 'FP64',
  string: 'BYTES',
  binary: 'BYTES',
};

const NUMPY_DATATYPES: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  object: 'BYTES',
  str: 'BYTES',
};
