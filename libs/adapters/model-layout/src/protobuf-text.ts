/** A message of the protobuf text format: the values of each field in their order. Enum words are strings. */
export interface TextMessage {
  readonly fields: ReadonlyMap<string, readonly TextValue[]>;
}
export type TextValue = string | number | boolean | TextMessage;

const TOKEN =
  /\s+|#[^\n]*|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([A-Za-z_][\w.]*)|(-?(?:0[xX][\da-fA-F]+|\d*\.?\d+(?:[eE][+-]?\d+)?)[fF]?)|([{}<>[\]:,;-])/y;
const MAX_DEPTH = 32;

interface Token {
  readonly kind: 'text' | 'word' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly line: number;
}

/**
 * Reads the text format without a schema: what a field means is up to the caller.
 *
 * @throws SyntaxError naming the line.
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */
export function parseProtobufText(text: string): TextMessage {
  const parser = new TextParser(tokensOf(text));
  return parser.message('end', 0);
}

/** The value of a field that stands at most once; of several the last. */
export function lastOf({ fields }: TextMessage, name: string): TextValue | undefined {
  return fields.get(name)?.at(-1);
}

/** The messages among a field's values. */
export function messagesOf({ fields }: TextMessage, name: string): TextMessage[] {
  return (fields.get(name) ?? []).filter((value): value is TextMessage => typeof value === 'object');
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new SyntaxError(`line ${line}: ${JSON.stringify(text.slice(at, at + 20))} is not expected`);
    const [all, quoted, word, number, symbol] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: unescaped(quoted), line });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, line });
    line += all.split('\n').length - 1;
  }
  tokens.push({ kind: 'end', text: 'the end', line });
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** Numeric escapes are bytes, of which several may make one character. */
function unescaped(quoted: string): string {
  const pieces = quoted.slice(1, -1).match(/\\(?:x[\da-fA-F]{1,2}|[0-7]{1,3}|.)|[^\\]+/gs) ?? [];
  return Buffer.concat(pieces.map(bytesOf)).toString('utf8');
}

function bytesOf(piece: string): Uint8Array {
  if (!piece.startsWith('\\')) return Buffer.from(piece);
  const code = piece.slice(1);
  if (/^x./.test(code)) return Uint8Array.of(Number.parseInt(code.slice(1), 16));
  if (/^[0-7]/.test(code)) return Uint8Array.of(Number.parseInt(code, 8) & 0xff);
  return Buffer.from(ESCAPES[code] ?? code);
}

class TextParser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  message(close: string, depth: number): TextMessage {
    const fields = new Map<string, TextValue[]>();
    while (!this.#takes(close)) {
      const name = this.#take('word', 'the name of a field');
      const values = this.#valuesOf(depth);
      fields.set(name.text, [...(fields.get(name.text) ?? []), ...values]);
      if (!this.#takes(',')) this.#takes(';');
    }
    return { fields };
  }

  #valuesOf(depth: number): TextValue[] {
    const hasColon = this.#takes(':');
    if (this.#takes('[')) {
      const values: TextValue[] = [];
      while (!this.#takes(']')) {
        values.push(this.#value(depth, true));
        this.#takes(',');
      }
      return values;
    }
    return [this.#value(depth, hasColon)];
  }

  #value(depth: number, mayBePlain: boolean): TextValue {
    for (const [open, close] of [
      ['{', '}'],
      ['<', '>'],
    ] as const) {
      if (!this.#takes(open)) continue;
      if (depth >= MAX_DEPTH) throw this.#unexpected('nothing nested deeper');
      return this.message(close, depth + 1);
    }
    const token = this.#peek();
    if (!mayBePlain) throw this.#unexpected('":" or "{"');
    this.#next += 1;
    if (token.kind === 'number') return numberIn(token.text);
    if (token.kind === 'word') return token.text === 'true' ? true : token.text === 'false' ? false : token.text;
    if (token.kind !== 'text') {
      this.#next -= 1;
      throw this.#unexpected('a value');
    }
    let text = token.text;
    for (; this.#peek().kind === 'text'; this.#next += 1) text += this.#peek().text;
    return text;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }

  #takes(symbol: string): boolean {
    const { kind, text } = this.#peek();
    const isIt = symbol === 'end' ? kind === 'end' : kind === 'symbol' && text === symbol;
    if (isIt) this.#next += 1;
    return isIt;
  }

  #take(kind: Token['kind'], wanted: string): Token {
    const token = this.#peek();
    if (token.kind !== kind) throw this.#unexpected(wanted);
    this.#next += 1;
    return token;
  }

  #unexpected(wanted: string): SyntaxError {
    const { line, text } = this.#peek();
    return new SyntaxError(`line ${line}: got ${JSON.stringify(text.slice(0, 40))}, wanted ${wanted}`);
  }
}

function numberIn(text: string): number {
  const digits = text.replace(/^-/, '');
  const value = /^0x/i.test(digits) ? Number(digits) : Number(digits.replace(/f$/i, ''));
  return text.startsWith('-') ? -value : value;
}
