import type { WriteStream } from 'node:tty';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_TO_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_ALL = '\x1b[2J\x1b[H';
/** Terminals that know it show what comes in between at once; others ignore it. */
const BEGIN_FRAME = '\x1b[?2026h';
const END_FRAME = '\x1b[?2026l';

/**
 * A view that is redrawn in place. Each frame is one write that overwrites the last without clearing it first, so that nothing flickers.
 *
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
export class Screen {
  readonly #terminal: WriteStream;
  readonly #restore = () => this.#terminal.write(SHOW_CURSOR);
  readonly #forget = () => {
    // Lines that the terminal wrapped anew no longer lie where they were drawn.
    this.#terminal.write(CLEAR_ALL);
    this.#height = 0;
    this.#shown = '';
  };
  #height = 0;
  #shown = '';

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
    terminal.write(HIDE_CURSOR);
    terminal.on('resize', this.#forget);
    process.once('exit', this.#restore);
  }

  get columns(): number {
    return this.#terminal.columns || 80;
  }

  get rows(): number {
    return this.#terminal.rows || 24;
  }

  /** @param lines none longer than a row, and fewer than there are rows. */
  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${CLEAR_TO_LINE_END}\n`).join('');
    if (text === this.#shown) return;
    const up = this.#height === 0 ? '' : `\x1b[${this.#height}A`;
    this.#terminal.write(`${BEGIN_FRAME}\r${up}${text}${CLEAR_BELOW}${END_FRAME}`);
    this.#height = lines.length;
    this.#shown = text;
  }

  /** Leaves the last frame on the screen. */
  close(): void {
    this.#terminal.off('resize', this.#forget);
    process.off('exit', this.#restore);
    this.#restore();
  }
}
