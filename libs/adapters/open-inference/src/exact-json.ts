/** Sixteen digits or more, not of a fraction: perhaps an integer that a double cannot hold. */
const LONG_INTEGER = /(?<![.\d])\d{16}/;

/**
 * Parses JSON whose integers may lie beyond 2^53; those become `bigint`s.
 *
 * @param isNeeded whether a document is one for which that matters; others are spared the second parsing.
 * @throws SyntaxError
 */
export function parseExactly(text: string, isNeeded: (document: unknown) => boolean): unknown {
  const document: unknown = JSON.parse(text);
  return isNeeded(document) && LONG_INTEGER.test(text) ? revived(text) : document;
}

function revived(text: string): unknown {
  try {
    return JSON.parse(text, reviveInteger);
  } catch (error) {
    // It calls itself for each level, and nothing else could go wrong any more.
    throw error instanceof RangeError ? new SyntaxError('it is nested too deeply', { cause: error }) : error;
  }
}

/** @see https://tc39.es/proposal-json-parse-with-source/ */
function reviveInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
