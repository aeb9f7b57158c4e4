import type { InferenceCall } from './inference-call.ts';
import type { ServedVersion } from './serving-snapshot.ts';

/**
 * Tells bytes apart by a short text. Two different sequences of parts may share a text only with the chance that a cryptographic
 * digest allows: whoever finds a pair would be given somebody else's answer.
 *
 * @param parts taken one after the other, as if they were one; strings as UTF-8.
 */
export type Fingerprint = (parts: readonly (string | Uint8Array)[]) => string;

/** What a version's answers depend on beside the request: the digests of its files. */
export function identityOf({ variants }: ServedVersion): string {
  return variants.flatMap(({ files }) => files.map(({ digest }) => digest)).join('+');
}

/**
 * The key under which a call's answer is kept: the same for calls that must be answered alike, in whatever order they name their
 * inputs. The order of the wanted outputs counts, as it is the order of the answer's.
 *
 * @param identity of the version, see {@link identityOf}.
 */
export function callKey(identity: string, { inputs, outputNames }: InferenceCall, fingerprint: Fingerprint): string {
  const ordered = inputs.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  // The lengths stand in the header, so that no two lists of tensors are the same bytes.
  const header = [
    identity,
    ordered.map(({ name, datatype, shape, data }) => [name, datatype, shape, data.byteLength]),
    outputNames,
  ];
  return fingerprint([JSON.stringify(header), ...ordered.map(({ data }) => data)]);
}
