import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** An integer of up to 2^53 - 1: file sizes pass the 32 bits of GraphQL's own Int. */
export const safeIntScalar = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  serialize: requireSafeInt,
  parseValue: requireSafeInt,
  parseLiteral: (node) => requireSafeInt(node.kind === Kind.INT ? Number(node.value) : undefined),
});

/** An instant in ISO 8601, UTC; kept as text throughout. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({ name: 'DateTime', serialize: String });

/** Any JSON value, as it is. */
export const jsonScalar = new GraphQLScalarType<unknown, unknown>({ name: 'JSON', serialize: (value) => value });

/** The name of a file format, as a text, or as it stood in documents while this was an enumeration. */
export const modelFormatScalar = new GraphQLScalarType<string, string>({
  name: 'ModelFormat',
  serialize: String,
  parseValue: requireText,
  parseLiteral: (node) => requireText(node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : undefined),
});

function requireText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new GraphQLError(`ModelFormat must be a text, not ${JSON.stringify(value)}`);
}

function requireSafeInt(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError(`SafeInt must be a whole number of at most 2^53 - 1, not ${JSON.stringify(value)}`);
}
