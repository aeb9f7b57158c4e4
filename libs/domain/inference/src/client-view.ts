import { planSequence } from './sequence-plan.ts';
import type { ServingOptions } from './serving-options.ts';
import type { ModelSignature } from './tensor.ts';

/** What clients see of a version: its metadata, and what their requests are checked against. */
export interface ClientView {
  /** All that may be sent and asked for. */
  readonly signature: ModelSignature;
  /** What a request that names no outputs gets. */
  readonly defaultOutputNames: readonly string[];
}

/**
 * A version as clients see it. With sequences, states and controls are no inputs, and states are answered only to those who ask.
 *
 * @throws SERVING_OPTIONS_INVALID when the options do not fit the signature.
 */
export function clientViewOf(signature: ModelSignature, { sequence }: ServingOptions): ClientView {
  const names = signature.outputs.map(({ name }) => name);
  if (sequence === undefined) return { signature, defaultOutputNames: names };
  const { clientInputs, states } = planSequence(signature, sequence);
  const others = names.filter((name) => states.every(({ output }) => output.name !== name));
  return {
    signature: { inputs: clientInputs, outputs: signature.outputs },
    defaultOutputNames: others.length > 0 ? others : names,
  };
}
