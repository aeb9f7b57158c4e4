export type {
  Ability,
  AccessDecision,
  Circumstances,
  CompiledPolicies,
  CompilePolicies,
  ListFilter,
} from './ability.ts';
export type { ParsedPolicy, PolicyParser } from './policy-parser.ts';
