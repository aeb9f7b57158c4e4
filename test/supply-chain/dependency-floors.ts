/** A package, and the first version of it without a known fault that would matter here. */
export interface DependencyFloor {
  readonly name: string;
  /** Also of the copies of the package inside others. */
  readonly least: string;
  readonly because: string;
}

/** No lower version of these may be installed for production. `npm run audit` asks for newer faults; these are the ones that we know. */
export const DEPENDENCY_FLOORS: readonly DependencyFloor[] = [
  {
    name: '@nestjs/platform-fastify',
    least: '11.1.24',
    because: 'CVE-2026-2293, CVE-2026-33011 and CVE-2026-54281: middleware is skipped by variants of path and method',
  },
  {
    name: 'fastify',
    least: '5.8.1',
    because: 'CVE-2025-32442, CVE-2026-25223 and CVE-2026-3419: a content type that is written oddly skips the schema',
  },
  {
    name: 'protobufjs',
    least: '7.5.6',
    because: 'CVE-2026-44291: code is generated from hostile descriptors; recursion without a limit',
  },
  {
    name: '@grpc/grpc-js',
    least: '1.10.9',
    because: 'CVE-2024-37168: messages are kept in memory beyond the limit, compressed ones above all',
  },
  {
    name: '@apollo/server',
    least: '5.5.0',
    because: 'CVE-2026-23897 and GHSA-9q82-xgwf-vj6h: charsets that cost too much, searches from other sites',
  },
  {
    name: '@casl/ability',
    least: '6.7.5',
    because: 'CVE-2026-1774: rules from outside change the prototype of every object',
  },
  {
    name: 'onnxruntime-node',
    least: '1.30.0',
    because:
      'external data outside the folder of the model: microsoft/onnxruntime #26776, #27430, #27539, #28408, #28709',
  },
  { name: 'graphql', least: '16.8.1', because: 'CVE-2023-26144: a document that takes long to validate' },
  { name: 'ws', least: '8.17.1', because: 'CVE-2024-37890: a request with many headers ends the server' },
  { name: 'jose', least: '4.15.5', because: 'CVE-2024-28176: a compressed token takes all memory' },
  { name: 'yaml', least: '2.2.2', because: 'CVE-2023-2251: a document ends the program' },
  { name: 'find-my-way', least: '9.0.1', because: 'CVE-2024-45813: a path that takes long to match' },
  { name: 'path-to-regexp', least: '8.0.0', because: 'CVE-2024-45296: a path that takes long to match' },
  { name: 'xml2js', least: '0.5.0', because: 'CVE-2023-0842: a document changes the prototype of every object' },
  { name: 'semver', least: '7.5.2', because: 'CVE-2022-25883: a range that takes long to read' },
  { name: 'cookie', least: '0.7.0', because: 'CVE-2024-47764: names and paths that write other fields' },
];

/**
 * Whether a version comes before another one. Of pre-releases, which are before their release, it is only said that much.
 *
 * @param version, @param least such as `1.2.3` or `1.2.3-rc.1`.
 */
export function isBelow(version: string, least: string): boolean {
  const [parts, isPreRelease] = partsOf(version);
  const [leastParts] = partsOf(least);
  const at = parts.findIndex((part, index) => part !== leastParts[index]);
  return at === -1 ? isPreRelease : (parts[at] ?? 0) < (leastParts[at] ?? 0);
}

function partsOf(version: string): [readonly number[], boolean] {
  const match = /^(\d+)\.(\d+)\.(\d+)(-.+)?/.exec(version);
  if (match === null) throw new Error(`\`${version}\` is no version`);
  return [match.slice(1, 4).map(Number), match[4] !== undefined];
}
