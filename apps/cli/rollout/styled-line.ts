/** A look of text; terminals without colours show the same words. */
export type Look = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** A piece of a line with one look. */
export interface Span {
  readonly text: string;
  readonly look?: Look | undefined;
}

/** One line of a view. Every character is one cell wide. */
export type Line = readonly Span[];

/** How a look is put on text: escape codes, or nothing. */
export type Painter = (look: Look, text: string) => string;

export function span(text: string, look?: Look): Span {
  return look === undefined ? { text } : { text, look };
}

/** The line within a number of cells; what does not fit ends in `…`. */
export function fitLine(line: Line, columns: number): Line {
  const length = line.reduce((sum, { text }) => sum + text.length, 0);
  if (length <= columns) return line;
  const fitted: Span[] = [];
  let room = columns - 1;
  for (const { text, look } of line) {
    fitted.push(span(text.slice(0, room), look));
    room -= text.length;
    if (room <= 0) break;
  }
  return [...fitted, span('…')];
}

export function paintLine(line: Line, paint: Painter): string {
  return line.map(({ text, look }) => (look === undefined || text === '' ? text : paint(look, text))).join('');
}

/** Text in lines of at most so many cells where words allow it, broken between them and indented as it began. */
export function wrapText(text: string, columns: number): string[] {
  const [indent = ''] = text.match(/^ */) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (line !== '' && longer.length > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
