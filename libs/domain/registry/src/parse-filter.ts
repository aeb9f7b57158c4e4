import { DomainError } from '#domain/errors';
import type { ComparisonOperator, FilterExpression, FilterValue } from './filter.ts';
import { type FieldTable, fieldType } from './filter-fields.ts';

const MAX_LENGTH = 4000;
const MAX_DEPTH = 16;
const MAX_CONDITIONS = 50;
const OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

/**
 * Reads a filter such as `metrics.accuracy > 0.9 AND labels.team = "fraud"`.
 *
 *     filter    = term { OR term }            term  = factor { AND factor }
 *     factor    = NOT factor | "(" filter ")" | condition
 *     condition = field ( operator value | [NOT] IN "(" value { "," value } ")" | [NOT] LIKE text | EXISTS )
 *     field     = attribute | map "." ( word | quoted )
 *
 * Keywords in either case; text in single or double quotes, a quote inside doubled or behind a backslash.
 *
 * @throws FILTER_INVALID with the character at which it stops making sense, and what could stand there.
 */
export function parseFilter(text: string, table: FieldTable): FilterExpression {
  if (text.length > MAX_LENGTH) throw problem(`is longer than ${MAX_LENGTH} characters`);
  return new FilterParser(tokensOf(text), table).parse();
}

class FilterParser {
  readonly #tokens: readonly Token[];
  readonly #table: FieldTable;
  #next = 0;
  #conditions = 0;

  constructor(tokens: readonly Token[], table: FieldTable) {
    this.#tokens = tokens;
    this.#table = table;
  }

  parse(): FilterExpression {
    const expression = this.#any(0);
    if (this.#peek().kind !== 'end') throw unexpected(this.#peek(), 'AND, OR or the end');
    return expression;
  }

  #any(depth: number): FilterExpression {
    return this.#chain('or', () => this.#chain('and', () => this.#factor(depth)));
  }

  #chain(kind: 'and' | 'or', read: () => FilterExpression): FilterExpression {
    const first = read();
    const terms = [first];
    while (this.#accept(kind)) terms.push(read());
    return terms.length === 1 ? first : { kind, terms };
  }

  #factor(depth: number): FilterExpression {
    if (depth > MAX_DEPTH) throw problem(`nests deeper than ${MAX_DEPTH} levels`);
    if (this.#accept('not')) return { kind: 'not', term: this.#factor(depth + 1) };
    if (!this.#acceptSymbol('(')) return this.#condition();
    const inner = this.#any(depth + 1);
    if (!this.#acceptSymbol(')')) throw unexpected(this.#peek(), '")"');
    return inner;
  }

  #condition(): FilterExpression {
    this.#conditions += 1;
    if (this.#conditions > MAX_CONDITIONS) throw problem(`has more than ${MAX_CONDITIONS} conditions`);
    const at = this.#peek().at;
    const field = this.#field();
    const type = fieldType(this.#table, field, 'filter', at);
    const token = this.#take();
    if (token.kind === 'symbol' && OPERATORS.has(token.text)) {
      return { kind: 'compare', field, operator: token.text as ComparisonOperator, value: this.#value(field, type) };
    }
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (word === 'exists') return { kind: 'exists', field };
    if (word === 'in') return this.#in(field, type);
    if (word === 'like') return this.#like(field, type);
    if (word === 'not' && this.#accept('in')) return { kind: 'not', term: this.#in(field, type) };
    if (word === 'not' && this.#accept('like')) return { kind: 'not', term: this.#like(field, type) };
    throw unexpected(token, '=, !=, <, <=, >, >=, IN, LIKE or EXISTS');
  }

  #field(): string {
    const token = this.#take();
    if (token.kind !== 'word') throw unexpected(token, 'a field');
    if (!token.text.endsWith('.')) return token.text;
    const name = this.#take();
    if (name.kind !== 'quoted') throw unexpected(name, 'the name of an entry');
    return `${token.text}${name.text}`;
  }

  #in(field: string, type: string): FilterExpression {
    if (!this.#acceptSymbol('(')) throw unexpected(this.#peek(), '"("');
    const values = [this.#value(field, type)];
    while (this.#acceptSymbol(',')) values.push(this.#value(field, type));
    if (values.length > MAX_CONDITIONS) throw problem(`lists more than ${MAX_CONDITIONS} values`);
    if (!this.#acceptSymbol(')')) throw unexpected(this.#peek(), '"," or ")"');
    return { kind: 'in', field, values };
  }

  #like(field: string, type: string): FilterExpression {
    const token = this.#take();
    if (type !== 'text' && type !== 'open') throw problem(`compares ${field} by LIKE, which is for text`);
    if (token.kind !== 'quoted') throw unexpected(token, 'text in quotes');
    return { kind: 'like', field, pattern: token.text };
  }

  #value(field: string, type: string): FilterValue {
    const token = this.#take();
    const word = token.text.toLowerCase();
    if (type === 'boolean' && token.kind === 'word' && (word === 'true' || word === 'false')) return word === 'true';
    if ((type === 'text' || type === 'open') && token.kind === 'quoted') return token.text;
    if ((type === 'number' || type === 'open') && token.kind === 'number') return Number(token.text);
    const wanted = { text: 'text in quotes', number: 'a number', boolean: 'true or false', open: 'text or a number' };
    throw unexpected(token, `${wanted[type as keyof typeof wanted]} for ${field}`);
  }

  #accept(keyword: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== keyword) return false;
    this.#next += 1;
    return true;
  }

  #acceptSymbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }
}

const TOKEN =
  /\s+|(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])|(?<quoted>"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*')|(?<word>[A-Za-z_][\w-]*(?:\.[\w./-]*)?)|(?<symbol><=|>=|!=|[=<>(),])/suy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw problem(`has ${JSON.stringify(text.slice(at, at + 10))} at character ${at + 1}`);
    const { number, quoted, word, symbol } = match.groups ?? {};
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: unquoted(quoted), at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at });
  }
  return [...tokens, { kind: 'end', text: '', at: text.length }];
}

function unquoted(text: string): string {
  const escaped = text.startsWith('"') ? /\\(.)|"(")/gsu : /\\(.)|'(')/gsu;
  return text
    .slice(1, -1)
    .replace(escaped, (_, escapedCharacter?: string, quote?: string) => escapedCharacter ?? quote ?? '');
}

function unexpected(token: Token, wanted: string): DomainError {
  const got = token.kind === 'end' ? 'ends' : `has ${JSON.stringify(token.text.slice(0, 40))}`;
  return problem(`${got} at character ${token.at + 1}, where ${wanted} was expected`);
}

function problem(what: string): DomainError {
  return new DomainError('FILTER_INVALID', `the filter ${what}`, { field: 'filter' });
}
