import type { BoundTest } from './attribute-test.ts';
import type { Environment, EnvironmentTest } from './environment.ts';
import type { Resource } from './resource.ts';

/** What a test asks for that holds of some things: `namespace must be vision or speech`. */
export function testInWords(test: BoundTest): string {
  const { isNegated, words } = wish(test);
  return `${test.attribute} must ${isNegated ? 'not ' : ''}${words}`;
}

/** Why a resource fails a test: `wants namespace to be vision, and it is speech`. */
export function failureInWords(test: BoundTest, { attributes }: Resource): string {
  const { isNegated, words } = wish(test);
  const value = attributes.get(test.attribute);
  const found = value === undefined ? 'it has none' : `it is ${String(value)}`;
  return `wants ${test.attribute} ${isNegated ? 'not ' : ''}to ${words}, and ${found}`;
}

/** Why a test of the circumstances does not hold. */
export function circumstanceInWords(test: EnvironmentTest, { credential }: Environment): string {
  const not = test.isNegated ? 'not ' : '';
  switch (test.kind) {
    case 'time':
      return `wants the time ${not}to be in its windows`;
    case 'network':
      return `wants the request ${not}to come from ${test.networks.join(' or ')}`;
    case 'credential':
      return `wants the credential ${not}to be ${test.credentials.join(' or ')}, and it is ${credential}`;
  }
}

function wish(test: BoundTest): { readonly isNegated: boolean; readonly words: string } {
  switch (test.operator) {
    case 'in':
      return { isNegated: false, words: `be ${test.values.join(' or ')}` };
    case 'notIn':
      return { isNegated: true, words: `be ${test.values.join(' or ')}` };
    case 'startsWith':
      return { isNegated: false, words: `start with ${test.prefix}` };
    case 'atLeast':
      return { isNegated: false, words: `be at least ${test.bound}` };
    case 'atMost':
      return { isNegated: false, words: `be at most ${test.bound}` };
    case 'never':
      return { isNegated: false, words: 'be what the principal does not have' };
    case 'always':
      return { isNegated: false, words: 'be anything' };
    case 'exists':
      return { isNegated: !test.isWanted, words: 'be there' };
  }
}
