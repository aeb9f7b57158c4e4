import type { Duplex } from 'node:stream';
import { type Frame, headersOf, writeFrame } from '#adapters/runner-client';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { DomainError, isDomainError } from '#domain/errors';

/** Answers frames, in the order in which they came. */
export class Runner {
  readonly #channel: Duplex;
  readonly #queue: Frame[] = [];
  #session: OnnxModelSession | undefined;
  #isWorking = false;

  constructor(channel: Duplex) {
    this.#channel = channel;
  }

  take(frame: Frame): void {
    this.#queue.push(frame);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let frame = this.#queue.shift(); frame !== undefined; frame = this.#queue.shift()) await this.#answer(frame);
    this.#isWorking = false;
  }

  async #answer(frame: Frame): Promise<void> {
    const write = (bytes: Uint8Array) => void this.#channel.write(bytes);
    this.#channel.cork();
    try {
      const tensors = await this.#perform(frame);
      const header =
        tensors === undefined
          ? ({ kind: 'loaded' } as const)
          : ({ kind: 'result', tensors: headersOf(tensors) } as const);
      writeFrame(write, frame.id, header, tensors ?? []);
    } catch (error) {
      const code = isDomainError(error) ? error.code : 'MODEL_RUN_FAILED';
      writeFrame(write, frame.id, { kind: 'error', code, message: (error as Error).message });
    } finally {
      this.#channel.uncork();
    }
  }

  async #perform({ header, tensors }: Frame) {
    switch (header.kind) {
      case 'load':
        this.#session = await OnnxModelSession.load(header.modelPath, header.intraOpThreads);
        return undefined;
      case 'infer':
        if (this.#session === undefined) throw new DomainError('MODEL_RUN_FAILED', 'the runner has no model yet');
        return this.#session.run(tensors, header.outputNames);
      default:
        throw new DomainError('MODEL_RUN_FAILED', `a runner takes no frames of kind ${header.kind}`);
    }
  }
}
