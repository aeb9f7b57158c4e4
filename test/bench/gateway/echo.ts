import { join } from 'node:path';
import { pinnedNode } from '../../../apps/cli/setup.mjs';
import { freePort } from '../../servers/free-port.ts';
import type { Call } from './call.ts';
import { PinnedProcess } from './pinned-process.ts';

const START_DEADLINE_MS = 15_000;

/** A server that takes a request whole and answers with as many bytes, and does nothing else. */
export class Echo {
  readonly process: PinnedProcess;
  readonly #httpPort: string;
  readonly #grpcPort: string;

  private constructor(server: PinnedProcess, httpPort: string, grpcPort: string) {
    this.process = server;
    this.#httpPort = httpPort;
    this.#grpcPort = grpcPort;
  }

  /** @param replySizes bytes of every reply that it will be asked for. */
  static async start(replySizes: readonly number[], cores: string): Promise<Echo> {
    const [httpPort, grpcPort] = [await freePort(), await freePort()];
    const sizes = [...new Set([1, ...replySizes])].map(String);
    const server = new PinnedProcess({
      name: 'echo',
      command: pinnedNode,
      args: [join(import.meta.dirname, 'echo-server.ts'), httpPort, grpcPort, ...sizes],
      environment: {},
      cores,
    });
    const ready = async () => fetch(`http://127.0.0.1:${httpPort}/1`, { method: 'POST', body: ' ' });
    await server.untilReady(ready, START_DEADLINE_MS);
    return new Echo(server, httpPort, grpcPort);
  }

  /** The same request as to Slipway, answered with the same number of bytes. */
  callLike(call: Call, replyBytes: number): Call {
    const decode = () => ({});
    return call.kind === 'http'
      ? { ...call, url: `http://127.0.0.1:${this.#httpPort}/${replyBytes}`, decode }
      : { ...call, address: `127.0.0.1:${this.#grpcPort}`, path: `/echo.Echo/R${replyBytes}`, decode };
  }
}
