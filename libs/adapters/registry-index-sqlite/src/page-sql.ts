import type { PageRequest } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { Sql, SqlValue } from './condition-sql.ts';
import type { Plan, Segment } from './plan-sql.ts';

/** The place of an entry in an ordered list: the value that it is ordered by, and its row id. */
export interface CursorPlace {
  readonly sort: SqlValue;
  readonly id: number;
}

const MAX_PAGE = 200;

/** A cursor as clients see it: opaque, short, safe in a URL. */
export function encodeCursor({ sort, id }: CursorPlace): string {
  return Buffer.from(JSON.stringify([id, sort])).toString('base64url');
}

/** @throws INPUT_INVALID when no list gave the cursor out. */
export function decodeCursor(cursor: string): CursorPlace {
  try {
    const [id, sort] = JSON.parse(Buffer.from(cursor.slice(0, 20_000), 'base64url').toString('utf8')) as [
      unknown,
      unknown,
    ];
    const isValue = sort === null || typeof sort === 'string' || typeof sort === 'number';
    if (Number.isSafeInteger(id) && isValue) return { id: id as number, sort };
  } catch {
    // Falls through to the same refusal.
  }
  throw new DomainError('INPUT_INVALID', 'the cursor is none that this list gave out', { field: 'after' });
}

/** @throws INPUT_INVALID */
export function assertLimit({ limit, isBackward }: PageRequest): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return;
  const field = isBackward ? 'last' : 'first';
  throw new DomainError('INPUT_INVALID', `${field} must be 1 to ${MAX_PAGE}, not ${limit}`, { field });
}

/**
 * The queries that read one page, to be run in order until it is full.
 *
 * @param columns of `s`.
 * @param isDescending of the list; a page read backward is read in the opposite direction and turned round afterwards.
 */
export function pageQueries(
  columns: string,
  { segments, where }: Plan,
  isDescending: boolean,
  { from, isBackward }: PageRequest,
): Sql[] {
  const place = from === undefined ? undefined : decodeCursor(from);
  const isDown = isDescending !== isBackward;
  const [compare, direction] = isDown ? ['<', 'DESC'] : ['>', 'ASC'];
  const inOrder = isBackward ? segments.toReversed() : segments;
  const isOfPlace = (segment: Segment) => (segment.key === undefined) === (place?.sort === null);
  const beginning =
    place === undefined ? 0 : inOrder.findIndex((segment) => segments.length === 1 || isOfPlace(segment));
  return inOrder.slice(beginning).map((segment, at) => {
    const isBeyond = at > 0 || place === undefined;
    const after = isBeyond ? { text: '1', values: [] } : afterPlace(segment, place, compare ?? '>');
    const order = [segment.key, segment.id].filter((key) => key !== undefined).map((key) => `${key} ${direction}`);
    return {
      text: `SELECT ${columns}, ${segment.key ?? 'NULL'} AS sortValue FROM ${segment.from}
        WHERE ${segment.where.text} AND ${where.text} AND ${after.text} ORDER BY ${order.join(', ')} LIMIT ?`,
      values: [...segment.where.values, ...where.values, ...after.values],
    };
  });
}

function afterPlace({ key, id: column }: Segment, { id, sort }: CursorPlace, compare: string): Sql {
  if (key === undefined) return { text: `${column} ${compare} ?`, values: [id] };
  return { text: `(${key}, ${column}) ${compare} (?, ?)`, values: [sort, id] };
}
