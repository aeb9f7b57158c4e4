import { expect, it } from 'vitest';
import { dependencyCircle } from './dependency-circle.ts';

const of = (edges: Record<string, string[]>) => (name: string) => edges[name] ?? [];

it('finds the way back, and none where there is none, also beside a circle of others', () => {
  expect(dependencyCircle('a', of({ a: ['b', 'c'], b: ['d'], c: ['d'] }))).toBeUndefined();
  expect(dependencyCircle('a', of({ a: ['x', 'b'], b: ['c'], c: ['a'] }))).toEqual(['a', 'b', 'c', 'a']);
  expect(dependencyCircle('a', of({ a: ['a'] }))).toEqual(['a', 'a']);
  expect(dependencyCircle('a', of({ a: ['b'], b: ['c'], c: ['b'] }))).toBeUndefined();
});
