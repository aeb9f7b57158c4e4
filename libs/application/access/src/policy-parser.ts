import type { Policy } from '#domain/access';

/** One document of a file: a policy, or what is wrong with it. */
export type ParsedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  | {
      readonly kind: 'invalid';
      /** Which policy was meant, where the document says so. */
      readonly name: string | undefined;
      /** Every problem, with its field path and line. */
      readonly message: string;
    };

/** Reads policies. */
export interface PolicyParser {
  /** Every policy of a file; documents of other kinds are left out. Never throws: whatever is wrong comes back as `invalid`. */
  parse(text: string): readonly ParsedPolicy[];
}
