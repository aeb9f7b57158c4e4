import type { CallMessage, HostedPlugin, PluginSet } from '#application/plugin';
import type { FindProcessor, ProcessedCall, TensorProcessor } from '#application/serving';
import { isDatatype, type Tensor, validateByteLength } from '#domain/inference';

/** The plugins of a gateway by which requests and answers can be processed. */
export function processorsIn(plugins: PluginSet): FindProcessor {
  return (name, stage) => {
    const plugin = plugins.find(name, stage === 'preprocess' ? 'preprocessor' : 'postprocessor');
    return plugin && processorOf(plugin);
  };
}

function processorOf(plugin: HostedPlugin): TensorProcessor {
  const { name, inputs, outputs } = plugin.plugin.manifest;
  return {
    name,
    inputs,
    outputs,
    misbehaved: (message) => plugin.misbehaved(message),
    process: async (call) => tensorsIn(await plugin.execute(() => messageOf(call), call.isWanted), plugin),
  };
}

/** Tensors are copied unless they may be given away: the request's are wanted by others, such as the stable version, too. */
function messageOf({ tensors, isOwn, modelName, version }: ProcessedCall): CallMessage {
  const sent = tensors.map(({ name, datatype, shape, data }) => {
    const isWhole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
    const buffer = isOwn && isWhole ? (data.buffer as ArrayBuffer) : new Uint8Array(data).buffer;
    return { name, datatype, shape, data: buffer };
  });
  return { value: { deployment: modelName, version, tensors: sent }, transfer: sent.map(({ data }) => data) };
}

/** @throws PLUGIN_FAILED */
function tensorsIn(answer: unknown, plugin: HostedPlugin): readonly Tensor[] {
  return (answer as readonly { name: string; datatype: string; shape: readonly number[]; data: ArrayBuffer }[]).map(
    ({ name, datatype, shape, data }) => {
      if (!isDatatype(datatype)) throw plugin.misbehaved(`answered a tensor of the datatype ${datatype}`);
      const tensor: Tensor = { name, datatype, shape, data: new Uint8Array(data) };
      try {
        validateByteLength(tensor, name);
      } catch (error) {
        throw plugin.misbehaved(`answered a tensor that is none: ${(error as Error).message}`);
      }
      return tensor;
    },
  );
}
