import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** No query of ours needs more; a hostile one multiplies its cost with either. */
export const MAX_TOKENS = 1000;
const MAX_DEPTH = 10;
const MAX_ALIASES = 15;

/** Refuses documents that nest deeper or alias more than any honest one. Introspection has its own depth and is left alone. */
export function limitDocument(context: ValidationContext): ASTVisitor {
  let depth = 0;
  let aliases = 0;
  return {
    Field: {
      enter(field) {
        if (field.name.value.startsWith('__')) return false;
        depth += 1;
        if (field.alias !== undefined) aliases += 1;
        if (depth > MAX_DEPTH)
          context.reportError(new GraphQLError(`the document nests deeper than ${MAX_DEPTH} fields`));
        if (aliases > MAX_ALIASES)
          context.reportError(new GraphQLError(`the document has more than ${MAX_ALIASES} aliases`));
        return undefined;
      },
      leave() {
        depth -= 1;
      },
    },
  };
}
