import type { Readable } from 'node:stream';

const MAX_LINE = 2000;
const MAX_LINES_PER_SECOND = 50;

/**
 * Gives what a plugin prints line by line, fifty a second at most: whoever prints more is told so, and costs no more memory than a line.
 *
 * @param nowMs monotonic.
 */
export function readLines(stream: Readable, nowMs: () => number, onLine: (line: string) => void): void {
  let rest = '';
  let secondBeganMs = nowMs();
  let inSecond = 0;
  let dropped = 0;
  const tell = (line: string) => {
    if (nowMs() - secondBeganMs >= 1000) {
      if (dropped > 0) onLine(`(${dropped} further lines were dropped: ${MAX_LINES_PER_SECOND} a second are kept)`);
      secondBeganMs = nowMs();
      inSecond = 0;
      dropped = 0;
    }
    inSecond += 1;
    if (inSecond > MAX_LINES_PER_SECOND) dropped += 1;
    else onLine(line.slice(0, MAX_LINE));
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    // Of a line without end the beginning is kept.
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) if (line !== '') tell(line);
  });
  stream.once('end', () => {
    if (rest !== '') tell(rest);
    if (dropped > 0) onLine(`(${dropped} further lines were dropped: ${MAX_LINES_PER_SECOND} a second are kept)`);
  });
  stream.on('error', () => {});
}
