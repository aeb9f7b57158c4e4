import type { AskedGate, ExternalReading } from '#domain/rollout';
import type { GateProvider, GateSubject } from './gate-provider.ts';
import type { Scheduler } from './scheduler.ts';

/** Readings that are kept: more than any gate's `consecutive` asks for. */
const MAX_READINGS = 20;
/** Longest time that a question may take. */
const MAX_ANSWER_MS = 10_000;
/** And as a share of the gate's interval: it must be over when the next one is due. */
const MAX_ANSWER_SHARE = 0.9;

/** What an inquiry is made of. */
export interface InquiryParts {
  readonly provider: GateProvider;
  readonly scheduler: Scheduler;
  /** Called after each reading. */
  readonly onReading: () => void;
}

/** One gate that asks somebody again and again about one rollout, from the moment it is made until it is ended. */
export class GateInquiry {
  readonly #gate: AskedGate;
  readonly #parts: InquiryParts;
  #subject: GateSubject;
  #readings: readonly ExternalReading[] = [];
  /** Absent while no question is under way; it stays until the provider has let go of the question. */
  #question: AbortController | undefined;
  #cancelNext = () => {};
  #isEnded = false;

  constructor(gate: AskedGate, subject: GateSubject, parts: InquiryParts) {
    this.#gate = gate;
    this.#subject = subject;
    this.#parts = parts;
    this.#tick();
  }

  /** The newest ones, oldest first. */
  get readings(): readonly ExternalReading[] {
    return this.#readings;
  }

  /** What the next question tells of the candidate. */
  set subject(subject: GateSubject) {
    this.#subject = subject;
  }

  /** Asks nothing more; the answer that is under way is dropped. */
  end(): void {
    this.#isEnded = true;
    this.#cancelNext();
    this.#question?.abort(new Error('the rollout is over'));
  }

  #tick(): void {
    this.#cancelNext = this.#parts.scheduler.after(this.#gate.intervalMs, () => this.#tick());
    // A provider that does not let go of a question is not asked another one, and its silence is told.
    if (this.#question !== undefined) this.#take(noData('the question before has not ended yet'));
    else this.#ask();
  }

  #ask(): void {
    const { provider, scheduler } = this.#parts;
    const question = new AbortController();
    this.#question = question;
    let isAnswered = false;
    const answer = (outcome: ExternalReading['outcome']) => {
      if (isAnswered) return;
      isAnswered = true;
      cancelTimeout();
      this.#take(outcome);
    };
    const limitMs = Math.min(this.#gate.intervalMs * MAX_ANSWER_SHARE, MAX_ANSWER_MS);
    const cancelTimeout = scheduler.after(limitMs, () => {
      question.abort(new Error(`no answer within ${limitMs} ms`));
      answer(noData(`no answer within ${limitMs} ms`));
    });
    question.signal.addEventListener('abort', cancelTimeout);
    const asked = async () => provider.ask(this.#gate, this.#subject, question.signal);
    void asked()
      .catch((error: unknown) => noData(`asking failed: ${(error as Error).message}`))
      .then((outcome) => {
        this.#question = undefined;
        answer(outcome);
      });
  }

  #take(outcome: ExternalReading['outcome']): void {
    if (this.#isEnded) return;
    const reading = { atMs: this.#parts.scheduler.nowMs(), outcome };
    this.#readings = [...this.#readings, reading].slice(-MAX_READINGS);
    this.#parts.onReading();
  }
}

function noData(reason: string): ExternalReading['outcome'] {
  return { kind: 'noData', reason };
}
