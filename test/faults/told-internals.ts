/** What an answer must not tell of the machine and the program behind it; `undefined` when it tells none of it. */
export function internalsIn(answer: string): string | undefined {
  const [found] = INTERNALS.flatMap((pattern) => pattern.exec(answer)?.[0] ?? []);
  return found;
}

const INTERNALS = [
  // A line of a stack trace, in text and in JSON.
  /(\n|\\n)\s+at [^\n]{0,80}\(?\S+:\d+:\d+/,
  /node_modules/,
  /node:internal/,
  // Where the program and its state are on the disk.
  /\/(tmp|root|home|usr|var|proc|work)\/[\w.-]+/,
  /\b(dist|apps|libs)\/[\w/.-]+\.[jt]s\b/,
  // Messages of the language that nobody meant for a client.
  /Cannot read propert|is not a function|is not iterable|Maximum call stack|out of range index/,
  /SQLITE_|ECONNREFUSED|ENOENT|EACCES/,
];
