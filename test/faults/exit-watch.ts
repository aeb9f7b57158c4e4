import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayProcess } from '../servers/gateway-process.ts';

/** How often processes are looked at: no end is told later than this. */
const LOOK_EVERY_MS = 2;

/** Sees when runners of a gateway end, without asking the gateway. */
export class ExitWatch {
  /** When each was seen to be gone, by `performance.now()`, the first first. */
  readonly exitsAtMs: number[] = [];
  readonly #gateway: GatewayProcess;
  readonly #watching: Promise<void>;
  #isEnding = false;

  constructor(gateway: GatewayProcess) {
    this.#gateway = gateway;
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    let before = this.#gateway.runners;
    while (!this.#isEnding) {
      await sleep(LOOK_EVERY_MS);
      const now = this.#gateway.runners;
      for (const runner of before) if (!now.includes(runner)) this.exitsAtMs.push(performance.now());
      before = now;
    }
  }
}
