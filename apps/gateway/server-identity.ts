/** How the server names itself to clients. */
export const SERVER_NAME = 'slipway';
export const SERVER_VERSION = '0.1.0';
/** Protocol extensions of this server, by Triton's names. */
export const SERVER_EXTENSIONS: readonly string[] = [
  'binary_tensor_data',
  'model_configuration',
  'model_repository',
  'parameters',
  'schedule_policy',
  'sequence',
  'sequence(string_id)',
  'statistics',
];
/** The platform of every model that this server loads, in the protocol's words. */
export const PLATFORM = 'onnx_onnxv1';
