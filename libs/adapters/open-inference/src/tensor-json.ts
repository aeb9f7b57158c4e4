import { randomBytes } from 'node:crypto';
import { parseExactly } from './exact-json.ts';
import { passSpace, readNumberArray } from './number-array-reader.ts';

const KEY = '"data"';
const [COLON, BACKSLASH] = [0x3a, 0x5c] as const;
/** `JSON.parse` reads smaller documents in no time. */
const WORTH_LOOKING_BYTES = 1024;
/** Stands for an array in the text that is left; nobody else can write it. */
const MARK = randomBytes(16).toString('hex');

/**
 * Parses an inference request. Numbers in `data` of its `inputs` may come as a `Float64Array` instead of an array, which is used again
 * for the next request: they are most of the text, and this reads them twice as fast. Integers that a double cannot hold become `bigint`s.
 *
 * @param needsExactIntegers whether a document is one for which that matters.
 * @throws SyntaxError
 */
export function parseTensorJson(body: Buffer, needsExactIntegers: (document: unknown) => boolean): unknown {
  const { text, arrays } = takeArraysOut(body);
  if (arrays.length > 0) {
    const document = parsed(text, needsExactIntegers);
    if (putBack(document, arrays)) return document;
  }
  return parseExactly(body.toString('utf8'), needsExactIntegers);
}

/** `undefined` for what is no JSON: its errors are told from the whole text. */
function parsed(text: string, needsExactIntegers: (document: unknown) => boolean): unknown {
  try {
    return parseExactly(text, needsExactIntegers);
  } catch {
    return undefined;
  }
}

interface Reduced {
  readonly text: string;
  readonly arrays: readonly Float64Array[];
}

function takeArraysOut(body: Buffer): Reduced {
  const arrays: Float64Array[] = [];
  let text = '';
  let copied = 0;
  let numbersRead = 0;
  let at = body.byteLength < WORTH_LOOKING_BYTES ? -1 : body.indexOf(KEY);
  for (; at >= 0; at = body.indexOf(KEY, at + KEY.length)) {
    const start = valueAfter(body, at);
    const read = start === undefined ? undefined : readNumberArray(body, start, numbersRead);
    if (read === undefined) continue;
    text += `${body.toString('utf8', copied, start)}"${MARK}${arrays.length}"`;
    copied = read.end;
    numbersRead += read.numbers.length;
    arrays.push(read.numbers);
  }
  return { text: arrays.length === 0 ? '' : text + body.toString('utf8', copied), arrays };
}

/** Where the value begins of a key that stands here; `undefined` when it is no key, or only the end of one. */
function valueAfter(body: Buffer, keyAt: number): number | undefined {
  if (body[keyAt - 1] === BACKSLASH) return undefined;
  const colonAt = passSpace(body, keyAt + KEY.length);
  return body[colonAt] === COLON ? passSpace(body, colonAt + 1) : undefined;
}

/** Answers whether each array has found an input that it belongs to; a `data` may stand elsewhere, too. */
function putBack(document: unknown, arrays: readonly Float64Array[]): boolean {
  const { inputs } = (document ?? {}) as { inputs?: unknown };
  if (!Array.isArray(inputs)) return false;
  let placed = 0;
  for (const input of inputs as ({ data?: unknown } | null)[]) {
    if (typeof input?.data !== 'string' || !input.data.startsWith(MARK)) continue;
    input.data = arrays[Number(input.data.slice(MARK.length))];
    placed += 1;
  }
  return placed === arrays.length;
}
