import type { ModelProfile } from '#application/serving';
import type { Datatype, ModelSignature, TensorSpec } from '#domain/inference';
import type {
  DataType as ConfigDatatype,
  ModelInstanceGroup_Kind as InstanceKind,
  ModelConfig,
} from '#generated/inference/model_config';

/** What a model's configuration is made from. */
export interface ConfiguredModel {
  readonly name: string;
  /** Those that are served. */
  readonly versions: readonly string[];
  readonly signature: ModelSignature;
  readonly profile: ModelProfile;
}

/** The configuration's words for datatypes: the protocol's with a prefix, but for BYTES. */
const CONFIG_DATATYPES = {
  BOOL: 'TYPE_BOOL',
  UINT8: 'TYPE_UINT8',
  UINT16: 'TYPE_UINT16',
  UINT32: 'TYPE_UINT32',
  UINT64: 'TYPE_UINT64',
  INT8: 'TYPE_INT8',
  INT16: 'TYPE_INT16',
  INT32: 'TYPE_INT32',
  INT64: 'TYPE_INT64',
  FP16: 'TYPE_FP16',
  BF16: 'TYPE_BF16',
  FP32: 'TYPE_FP32',
  FP64: 'TYPE_FP64',
  BYTES: 'TYPE_STRING',
} as const satisfies Record<Datatype, ConfigDatatype>;

const KIND_CPU = 'KIND_CPU' as const satisfies InstanceKind;

/**
 * A model's configuration in Triton's words. Its names of the platform and the backend are Triton's too, which its clients branch on;
 * the metadata has the Open Inference Protocol's `onnx_onnxv1`.
 */
export function toModelConfig({ name, versions, signature, profile }: ConfiguredModel): ModelConfig {
  const { maxBatchSize, instances, intraOpThreads, preferredBatchSizes } = profile;
  const tensorOf = ({ name: tensorName, datatype, shape }: TensorSpec) => ({
    name: tensorName,
    dataType: CONFIG_DATATYPES[datatype],
    dims: shape.slice(maxBatchSize > 0 ? 1 : 0).map(BigInt),
  });
  const batching: ModelConfig['schedulingChoice'] = {
    $case: 'dynamicBatching',
    value: { preferredBatchSize: [...preferredBatchSizes] },
  };
  return {
    name,
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    versionPolicy: { policyChoice: { $case: 'specific', value: { versions: versions.map(BigInt) } } },
    maxBatchSize,
    input: signature.inputs.map(tensorOf),
    output: signature.outputs.map(tensorOf),
    schedulingChoice: maxBatchSize > 0 ? batching : undefined,
    instanceGroup: [{ name: `${name}_0`, count: instances, kind: KIND_CPU }],
    defaultModelFilename: 'model.onnx',
    parameters: { intra_op_thread_count: { stringValue: String(intraOpThreads) } },
    modelTransactionPolicy: { decoupled: false },
  };
}

/** The same as JSON, with the field names of the contract and 64-bit integers as numbers, as Triton writes it. */
export function toJsonModelConfig(model: ConfiguredModel): object {
  const config = toModelConfig(model);
  const tensorOf = ({ name, dataType, dims }: ModelConfig['input'][number]) => ({
    name,
    data_type: dataType,
    dims: dims.map(Number),
  });
  const { schedulingChoice, versionPolicy } = config;
  return {
    name: config.name,
    platform: config.platform,
    backend: config.backend,
    version_policy: { specific: { versions: versionPolicy?.policyChoice?.value.versions.map(Number) } },
    max_batch_size: config.maxBatchSize,
    input: config.input.map(tensorOf),
    output: config.output.map(tensorOf),
    ...(schedulingChoice === undefined
      ? {}
      : { dynamic_batching: { preferred_batch_size: schedulingChoice.value.preferredBatchSize } }),
    instance_group: config.instanceGroup,
    default_model_filename: config.defaultModelFilename,
    parameters: Object.fromEntries(
      Object.entries(config.parameters).map(([name, { stringValue }]) => [name, { string_value: stringValue }]),
    ),
    model_transaction_policy: config.modelTransactionPolicy,
  };
}
