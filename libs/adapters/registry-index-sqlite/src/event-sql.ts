import type { VisibleRecords } from '#application/registry';
import type { FilterExpression } from '#domain/registry';
import { joined, probeOf, type Sql, type SubjectTables } from './condition-sql.ts';

/**
 * The condition on `e`, a row of the events' table, that the record which it is about can be seen as it is now: the version, where it names
 * one, or else the model, or else the namespace.
 */
export function visibleEvents(models: SubjectTables, versions: SubjectTables, visible: VisibleRecords): Sql {
  const ofVersion = among(versions, visible.versions, 's.model = e.model AND s.version = e.version');
  const ofModel = among(models, visible.models, 's.name = e.model');
  const ofNamespace: Sql =
    visible.namespaces === 'all'
      ? { text: '1', values: [] }
      : { text: 'e.namespace IN (SELECT value FROM json_each(?))', values: [JSON.stringify(visible.namespaces)] };
  return joined(
    [
      where('e.version > 0', ofVersion),
      // A removed alias points at version 0.
      where('e.model IS NOT NULL AND coalesce(e.version, 0) = 0', ofModel),
      where('e.model IS NULL', ofNamespace),
    ],
    ' OR ',
  );
}

function where(text: string, condition: Sql): Sql {
  return joined([{ text, values: [] }, condition], ' AND ');
}

function among(tables: SubjectTables, visible: FilterExpression | 'all' | 'none', isOf: string): Sql {
  if (visible === 'all') return { text: '1', values: [] };
  if (visible === 'none') return { text: '0', values: [] };
  const { text, values } = probeOf(tables, visible);
  const place = `s.namespace = e.namespace AND ${isOf}`;
  return { text: `EXISTS (SELECT 1 FROM ${tables.rows} s WHERE ${place} AND ${text})`, values };
}
