import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { DomainError } from '#domain/errors';

/** No query of ours needs more; a hostile one multiplies its cost with each. */
export const MAX_TOKENS = 2000;
const MAX_DEPTH = 10;
const MAX_ALIASES = 15;
/** Fields that an answer may have at most, lists counted with the number of entries that they ask for. */
const MAX_FIELDS = 100_000;
const DEFAULT_PAGE = 50;

/** What executing an operation may cost. */
export interface OperationCost {
  readonly depth: number;
  readonly aliases: number;
  /** Fields of the answer. */
  readonly fields: number;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * The cost of an operation, computed before it is executed. Fragments count wherever they are spread; introspection is left out,
 * because its size does not depend on data.
 */
export function costOf(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  variables: Variables,
): OperationCost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const given = { ...defaultsOf(operation), ...variables };
  const known = new Map<string, OperationCost>();

  const ofFragment = (name: string): OperationCost => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fragment = fragments.get(name);
    // Validation refuses cycles and unknown fragments; where the cost is asked for before it, they count nothing.
    known.set(name, nothing);
    const cost = fragment === undefined ? nothing : ofSelections(fragment.selectionSet);
    known.set(name, cost);
    return cost;
  };
  const ofField = (field: FieldNode): OperationCost => {
    if (field.name.value.startsWith('__') || field.selectionSet === undefined) {
      return { depth: 1, aliases: field.alias === undefined ? 0 : 1, fields: 1 };
    }
    const inner = ofSelections(field.selectionSet);
    const entries = entriesOf(field, given);
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (field.alias === undefined ? 0 : 1),
      fields: 1 + inner.fields * entries,
    };
  };
  const ofSelections = ({ selections }: SelectionSetNode): OperationCost => {
    let total = nothing;
    for (const selection of selections) {
      const cost =
        selection.kind === Kind.FIELD
          ? ofField(selection)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : ofSelections(selection.selectionSet);
      total = {
        depth: Math.max(total.depth, cost.depth),
        aliases: total.aliases + cost.aliases,
        fields: total.fields + cost.fields,
      };
    }
    return total;
  };
  return ofSelections(operation.selectionSet);
}

/** @throws QUERY_TOO_COSTLY naming the limit that an operation passes. */
export function assertAffordable(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  variables: Variables,
): void {
  const { depth, aliases, fields } = costOf(operation, document, variables);
  if (depth > MAX_DEPTH) throw tooCostly(`nests ${depth} fields deep`, MAX_DEPTH);
  if (aliases > MAX_ALIASES) throw tooCostly(`has ${aliases} aliases`, MAX_ALIASES);
  if (fields > MAX_FIELDS) throw tooCostly(`may answer ${fields} fields`, MAX_FIELDS);
}

/** What must hold for an operation to be executed. */
export type OperationCheck = (operation: OperationDefinitionNode, document: DocumentNode, variables: Variables) => void;

/**
 * Refuses operations before they cost more than their parsing, and all that do not come by POST: other sites and caches can make browsers
 * send the others.
 */
export function checkOperations(checks: readonly OperationCheck[]): ApolloServerPlugin {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation, document, request }) {
          if (request.http?.method !== undefined && request.http.method !== 'POST') throw notByPost();
          if (operation === undefined) return;
          try {
            for (const check of checks) check(operation, document, request.variables ?? {});
          } catch (error) {
            // Apollo answers 500 to what is thrown here, unless it is told otherwise.
            const { message } = error as Error;
            throw new GraphQLError(message, { originalError: error as Error, extensions: { http: { status: 400 } } });
          }
        },
      };
    },
  };
}

function notByPost(): GraphQLError {
  const http = { status: 405, headers: new HeaderMap([['allow', 'POST']]) };
  return new GraphQLError('operations are sent by POST', { extensions: { http } });
}

const nothing: OperationCost = { depth: 0, aliases: 0, fields: 0 };

/** How many entries a field asks for: fields with `first` or `last` are lists of so many, lists without are short. */
function entriesOf(field: FieldNode, variables: Variables): number {
  const size = field.arguments?.find(({ name }) => name.value === 'first' || name.value === 'last');
  if (size === undefined) return isConnection(field) ? DEFAULT_PAGE : 1;
  const given = size.value.kind === Kind.VARIABLE ? variables[size.value.name.value] : undefined;
  const count = size.value.kind === Kind.INT ? Number(size.value.value) : Number(given ?? DEFAULT_PAGE);
  return Number.isFinite(count) ? Math.max(1, count) : 1;
}

/** Default values that say how long a list is. */
function defaultsOf(operation: OperationDefinitionNode): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)] as const] : [],
  );
  return Object.fromEntries(defaults);
}

function isConnection({ selectionSet }: FieldNode): boolean {
  const inner = selectionSet?.selections ?? [];
  return inner.some((node) => node.kind === Kind.FIELD && (node.name.value === 'nodes' || node.name.value === 'edges'));
}

function tooCostly(what: string, allowed: number): DomainError {
  return new DomainError('QUERY_TOO_COSTLY', `the operation ${what}; ${allowed} are allowed`);
}
