/** Says on standard error what goes on: standard output belongs to the rows. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A number with as many digits as it deserves. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-GB');
  return String(Number(value.toPrecision(3)));
}
