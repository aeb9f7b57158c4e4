import { styleText } from 'node:util';

/** Shows the progress of a story of numbered steps. */
export interface Reporter {
  /** Opens a step. */
  begin(title: string): void;
  /** Replaces the open step's live text. */
  update(text: string): void;
  /** Adds a lasting line under the open step. */
  note(text: string): void;
  /** Closes the open step as done. */
  end(text: string): void;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const REDRAW_MS = 80;

/** A reporter that redraws one line on a terminal, and prints plain lines where the output goes to a file or a pipe. */
export function createReporter(output: NodeJS.WriteStream): Reporter & { close(): void } {
  return output.isTTY ? new LiveReporter(output) : new PlainReporter(output);
}

class LiveReporter implements Reporter {
  readonly #output: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;
  #step = 0;
  #title = '';
  #text = '';
  #isOpen = false;
  #frame = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  begin(title: string): void {
    this.#step += 1;
    this.#title = title;
    this.#text = '';
    this.#isOpen = true;
    this.#draw();
  }

  update(text: string): void {
    this.#text = text;
  }

  note(text: string): void {
    this.#clear();
    this.#output.write(`    ${text}\n`);
    this.#draw();
  }

  end(text: string): void {
    this.#isOpen = false;
    this.#clear();
    this.#output.write(`${styleText('green', '✔', { stream: this.#output })} ${this.#step}. ${this.#title}: ${text}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#isOpen) this.#output.write('\n');
  }

  #draw(): void {
    if (!this.#isOpen) return;
    this.#frame += 1;
    const line = `${SPINNER[this.#frame % SPINNER.length]} ${this.#step}. ${this.#title} ${this.#text}`;
    this.#clear();
    this.#output.write(line.slice(0, (this.#output.columns ?? 80) - 1));
  }

  #clear(): void {
    this.#output.write('\r\x1b[2K');
  }
}

class PlainReporter implements Reporter {
  readonly #output: NodeJS.WritableStream;
  #step = 0;
  #title = '';

  constructor(output: NodeJS.WritableStream) {
    this.#output = output;
  }

  begin(title: string): void {
    this.#step += 1;
    this.#title = title;
    this.#output.write(`[${this.#step}] ${title} …\n`);
  }

  /** Live text changes many times a second: it is left out here, the notes tell the story. */
  update(): void {}

  note(text: string): void {
    this.#output.write(`    ${text}\n`);
  }

  end(text: string): void {
    this.#output.write(`[${this.#step}] ${this.#title}: ${text}\n`);
  }

  close(): void {}
}
