/**
 * The names on the way from a deployment over those that it depends on back to itself, such as `['a', 'b', 'a']`; `undefined` when there is
 * no such way. Each of them would wait for the others for ever.
 *
 * @param dependenciesOf the names that a deployment depends on
 */
export function dependencyCircle(
  name: string,
  dependenciesOf: (name: string) => readonly string[],
): readonly string[] | undefined {
  const seen = new Set<string>();
  const ways: (readonly string[])[] = [[name]];
  for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
    for (const next of dependenciesOf(way.at(-1) ?? '')) {
      if (next === name) return [...way, name];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
