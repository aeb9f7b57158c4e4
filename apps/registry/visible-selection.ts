import type { Caller } from '#application/access';
import type { Selection, SortOrder } from '#application/registry';
import { type FilterExpression, fieldsOf } from '#domain/registry';

/** Which part of `version.read` shows a field of the registry's filters; the others belong to the whole. */
const PARTS: Readonly<Record<string, string>> = {
  metrics: 'metrics',
  parameters: 'parameters',
  annotations: 'annotations',
  dataset: 'trainingData',
};
/** Words of these are found by full-text search. */
const SEARCHED_PARTS = ['parameters', 'trainingData'];

/** The models of a selection that somebody may see; `undefined` for none. */
export function visibleModels(caller: Caller, selection: Selection): Selection | undefined {
  return within(selection, caller, 'model.read', []);
}

/**
 * The versions of a selection that somebody may see, and may see all of that they are chosen by: an order by a metric tells of the metric,
 * and a filter does so, too. `undefined` for none.
 */
export function visibleVersions(
  caller: Caller,
  selection: Selection,
  order: SortOrder | undefined,
): Selection | undefined {
  const { filter, search } = selection;
  const parts = [
    ...(filter === undefined ? [] : partsIn(filter)),
    ...(order === undefined ? [] : partsOf([order.field])),
    ...(search === undefined ? [] : SEARCHED_PARTS),
  ];
  return within(selection, caller, 'version.read', [...new Set(parts)]);
}

/** The parts of versions that a filter tells of. */
export function partsIn(filter: FilterExpression): readonly string[] {
  return partsOf(fieldsOf(filter));
}

function partsOf(fields: Iterable<string>): readonly string[] {
  return [...fields].map((field) => PARTS[field.split('.')[0] ?? '']).filter((part) => part !== undefined);
}

function within(
  selection: Selection,
  caller: Caller,
  action: 'model.read' | 'version.read',
  parts: readonly string[],
): Selection | undefined {
  const visible = caller.filterFor(action, parts);
  if (visible.kind === 'none') return undefined;
  return visible.kind === 'all' ? selection : { ...selection, filter: both(selection.filter, visible.filter) };
}

function both(wanted: FilterExpression | undefined, visible: FilterExpression): FilterExpression {
  return wanted === undefined ? visible : { kind: 'and', terms: [wanted, visible] };
}
