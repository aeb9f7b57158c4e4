import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayProcess } from '../servers/gateway-process.ts';
import { type Answered, type RestBody, RestCaller } from './rest-caller.ts';

/** An answer, and the gateway that gave it. */
export interface BalancedAnswer extends Answered {
  readonly gateway: number;
}

interface Backend {
  readonly gateway: GatewayProcess;
  caller: RestCaller;
  isInRotation: boolean;
  /** Grows with every kill. */
  life: number;
}

/**
 * A steady load on several gateways by turns. No request is ever sent twice.
 *
 * Gateways are killed through it: what was under way on one at that moment is lost with its connections and counts for nothing, and like any
 * balancer it sends no more there until the gateway is ready again. Everything else is in `answers`, failures too.
 */
export class BalancedLoad {
  readonly answers: BalancedAnswer[] = [];
  /** What is asked from now on. */
  body: RestBody;
  readonly #backends: Backend[];
  readonly #callers: Promise<void>[];
  #turn = 0;
  #lost = 0;
  #isEnding = false;

  /** @param pauseMs of a caller between two calls. */
  constructor(gateways: readonly GatewayProcess[], model: string, body: RestBody, callers: number, pauseMs: number) {
    this.body = body;
    this.#backends = gateways.map((gateway) => ({
      gateway,
      caller: new RestCaller(gateway.url, callers),
      isInRotation: true,
      life: 0,
    }));
    this.#callers = Array.from({ length: callers }, async () => {
      while (!this.#isEnding) {
        await this.#call(model);
        await sleep(pauseMs);
      }
    });
  }

  /** Requests that were under way on a gateway when it was killed. */
  get lost(): number {
    return this.#lost;
  }

  /** Answers that were asked for since a moment. */
  since(fromMs: number): BalancedAnswer[] {
    return this.answers.filter(({ atMs }) => atMs >= fromMs);
  }

  async kill(index: number): Promise<void> {
    const backend = this.#backendAt(index);
    backend.isInRotation = false;
    backend.life += 1;
    await backend.gateway.end('SIGKILL');
    backend.caller.close();
  }

  /** Starts a killed gateway again, and asks it when it is ready. */
  async restart(index: number): Promise<void> {
    const backend = this.#backendAt(index);
    await backend.gateway.start();
    while (!(await backend.gateway.isReady())) await sleep(10);
    backend.caller = new RestCaller(backend.gateway.url, this.#callers.length);
    backend.isInRotation = true;
  }

  async stop(): Promise<readonly BalancedAnswer[]> {
    this.#isEnding = true;
    await Promise.all(this.#callers);
    for (const { caller } of this.#backends) caller.close();
    return this.answers;
  }

  async #call(model: string): Promise<void> {
    const inRotation = this.#backends.filter(({ isInRotation }) => isInRotation);
    this.#turn += 1;
    const backend = inRotation[this.#turn % inRotation.length];
    if (backend === undefined) return;
    const { life } = backend;
    const { body: _, ...answer } = await backend.caller.infer(model, this.body);
    if (answer.status === 0 && backend.life !== life) this.#lost += 1;
    else this.answers.push({ ...answer, gateway: this.#backends.indexOf(backend) });
  }

  #backendAt(index: number): Backend {
    const backend = this.#backends[index];
    if (backend === undefined) throw new Error(`there is no gateway ${index}`);
    return backend;
  }
}
