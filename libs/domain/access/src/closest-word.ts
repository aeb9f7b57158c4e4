/** Words of which more would have to be changed are other words. */
const MAX_CHANGES = 3;
/** Longer ones are nobody's slip of the finger. */
const MAX_LENGTH = 64;

/** The word that somebody most likely meant: the one with the fewest letters to change; `undefined` when none is near. */
export function closestWord(written: string, known: readonly string[]): string | undefined {
  if (written.length > MAX_LENGTH) return undefined;
  const limit = Math.min(MAX_CHANGES, Math.ceil(written.length / 3));
  let closest: string | undefined;
  let fewest = limit + 1;
  for (const word of known) {
    const changes = changesBetween(written.toLowerCase(), word.toLowerCase());
    if (changes < fewest) [closest, fewest] = [word, changes];
  }
  return closest;
}

/** `did you mean a?` when one is near, and what there is in any case. */
export function advice(written: string, known: readonly string[]): string {
  const closest = closestWord(written, known);
  const all = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
  return closest === undefined ? all : `did you mean ${closest}? ${all[0]?.toUpperCase()}${all.slice(1)}`;
}

/** Letters to put in, leave out or replace (Levenshtein). */
function changesBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = letter === right[column - 1];
      const replaced = (row[column - 1] ?? 0) + Number(!isSame);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
