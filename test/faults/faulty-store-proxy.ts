import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from './seeded-random.ts';

/** What goes wrong between a program and its store. Shares are from 0 to 1; what is left out does not go wrong. */
export interface StoreFault {
  /** Every answer comes so much later. */
  readonly delayMs?: number;
  /** Of requests that are answered with an error, 500, 503 or 409 by turns of chance. */
  readonly errorShare?: number;
  /** Every request is taken, and never a word is said, on its connection, any more: what a lost route or a dead machine looks like. */
  readonly isSilent?: boolean;
  /** Of objects whose connection breaks in the middle. */
  readonly cutShare?: number;
  /** Of objects of which half comes, and then nothing. */
  readonly stallShare?: number;
  /** Of objects that have a bit wrong. */
  readonly flipShare?: number;
}

/** A request that reached the proxy. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
}

interface StoreError {
  readonly status: number;
  readonly code: string;
  /** Whether the store did what it was asked for all the same. */
  readonly isDone: boolean;
}

type BodyFault = 'cut' | 'stalled' | 'flipped';

/**
 * Stands between programs and an S3 server, and does to their requests what a test says, from one moment to the next. Requests pass as they
 * were signed, the `host` header included.
 */
export class FaultyStoreProxy {
  /** What goes wrong from now on. */
  fault: StoreFault = {};
  /** The oldest first. */
  readonly seen: SeenRequest[] = [];
  /** How many were answered with an error. */
  failed = 0;
  readonly #target: { readonly host: string; readonly port: string };
  readonly #chance;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #deaf = new WeakSet<Socket>();
  #server = http.createServer();
  #port = 0;

  private constructor(endpoint: string, seed: number) {
    const { hostname, port } = new URL(`http://${endpoint}`);
    this.#target = { host: hostname, port };
    this.#chance = seededRandom(seed);
  }

  /**
   * @param endpoint host and port of the S3 server.
   * @param seed of what goes wrong.
   */
  static async start(endpoint: string, seed: number): Promise<FaultyStoreProxy> {
    const proxy = new FaultyStoreProxy(endpoint, seed);
    await proxy.accept();
    return proxy;
  }

  /** Host and port; the same however often it refuses. */
  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Takes connections (again). */
  async accept(): Promise<void> {
    // A connection is closed by the programs, not between two of their requests.
    this.#server = http.createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, (request, response) => {
      this.#take(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks all connections, and takes none. */
  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async stop(): Promise<void> {
    await this.refuse();
    this.#agent.destroy();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.seen.push({ method: request.method ?? '', path: request.url ?? '' });
    if (this.#isDeaf(request.socket)) return void request.resume();
    const { errorShare = 0 } = this.fault;
    const error = this.#chance.random() < errorShare ? this.#errorFor(request) : undefined;
    if (error === undefined) return this.#pass(request, response);
    this.failed += 1;
    if (error.isDone) (await this.#forward(request)).resume();
    else request.resume();
    await this.#answer(request, response, error);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#forward(request);
    await sleep(this.fault.delayMs ?? 0);
    if (this.#isDeaf(request.socket)) return void answer.resume();
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    const length = Number(answer.headers['content-length'] ?? 0);
    const fault = request.method === 'GET' && length > 0 ? this.#bodyFault() : undefined;
    if (fault === undefined) return void answer.pipe(response);
    await this.#spoil(answer, response, fault, length >> 1);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, { status, code }: StoreError): Promise<void> {
    await sleep(this.fault.delayMs ?? 0);
    if (this.#isDeaf(request.socket)) return;
    const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>on purpose</Message></Error>`;
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  #forward(request: IncomingMessage): Promise<IncomingMessage> {
    const { method, url: path, rawHeaders } = request;
    return new Promise((resolve, reject) => {
      const options = { ...this.#target, method, path, agent: this.#agent, setHost: false };
      const forwarded = http.request({ ...options, headers: rawHeaders as unknown as string[] }, resolve);
      forwarded.once('error', reject);
      request.pipe(forwarded);
    });
  }

  /** @param at the byte where it goes wrong. */
  async #spoil(answer: IncomingMessage, response: ServerResponse, fault: BodyFault, at: number): Promise<void> {
    let passed = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const left = at - passed;
      passed += chunk.byteLength;
      if (left >= 0 && left < chunk.byteLength) {
        if (fault !== 'flipped') {
          await new Promise((resolve) => response.write(chunk.subarray(0, left), resolve));
          if (fault === 'cut') response.destroy();
          else this.#deaf.add(response.req.socket);
          return;
        }
        chunk[left] = (chunk[left] ?? 0) ^ 1;
      }
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  }

  #isDeaf(socket: Socket): boolean {
    if (this.fault.isSilent === true) this.#deaf.add(socket);
    return this.#deaf.has(socket);
  }

  #errorFor({ method, headers }: IncomingMessage): StoreError {
    const isConditional = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined;
    const conflict = isConditional ? 'ConditionalRequestConflict' : 'OperationAborted';
    const isRead = method === 'GET' || method === 'HEAD';
    return this.#chance.pick<StoreError>([
      { status: 500, code: 'InternalError', isDone: this.#chance.random() < 0.5 },
      { status: 503, code: 'SlowDown', isDone: false },
      ...(isRead ? [] : [{ status: 409, code: conflict, isDone: false }]),
    ]);
  }

  #bodyFault(): BodyFault | undefined {
    const { cutShare = 0, stallShare = 0, flipShare = 0 } = this.fault;
    const chance = this.#chance.random();
    if (chance < cutShare) return 'cut';
    if (chance < cutShare + stallShare) return 'stalled';
    return chance < cutShare + stallShare + flipShare ? 'flipped' : undefined;
  }
}
