/** SHA-256 in hexadecimal. */
export type Sha256 = (bytes: Uint8Array) => string;

const OPENING = '"sha256":"';
const CLOSING = '"}\n';
const HEX_DIGITS = 64;
const SEAL_BYTES = OPENING.length + HEX_DIGITS + CLOSING.length;

/**
 * Ends a JSON object with the digest of everything before: so its last member is known to be the seal, and whatever changes one byte must
 * renew it, which the link of the next batch tells.
 *
 * @param begun a text whose last object is open for one more member.
 */
export function sealed(begun: string, sha256: Sha256): Uint8Array {
  const encoder = new TextEncoder();
  return encoder.encode(`${begun}${OPENING}${sha256(encoder.encode(begun))}${CLOSING}`);
}

/** How a batch stands to its seal. */
export type SealState = 'intact' | 'broken' | 'absent';

export function sealOf(bytes: Uint8Array, sha256: Sha256): SealState {
  const at = bytes.byteLength - SEAL_BYTES;
  if (at < 0) return 'absent';
  const end = new TextDecoder().decode(bytes.subarray(at));
  if (!end.startsWith(OPENING) || !end.endsWith(CLOSING)) return 'absent';
  const said = end.slice(OPENING.length, OPENING.length + HEX_DIGITS);
  return said === sha256(bytes.subarray(0, at)) ? 'intact' : 'broken';
}
