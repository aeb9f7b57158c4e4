import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** How a call ended. */
export interface CallOutcome {
  readonly code: number;
  readonly details: string;
  /** The messages that were answered, as bytes. */
  readonly answers: readonly Buffer[];
  readonly tookMs: number;
}

const asIs = (bytes: Buffer) => bytes;
const GZIP = 2;

/** Makes gRPC calls of bytes, whatever they are. */
export class GrpcCaller {
  readonly #plain: Client;
  readonly #packing: Client;

  constructor(address: string) {
    this.#plain = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    this.#packing = new Client(address, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': GZIP,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** @param path of the method. */
  unary(path: string, message: Buffer, headers: Readonly<Record<string, string>>, isPacked: boolean) {
    const startedMs = performance.now();
    return new Promise<CallOutcome>((resolve) => {
      this.#client(isPacked).makeUnaryRequest(
        path,
        asIs,
        asIs,
        message,
        Metadata.fromHttp2Headers({ ...headers }),
        (error: ServiceError | null, answer?: Buffer) =>
          resolve({
            code: error?.code ?? status.OK,
            details: error?.details ?? '',
            answers: answer === undefined ? [] : [answer],
            tookMs: performance.now() - startedMs,
          }),
      );
    });
  }

  /**
   * A stream of messages both ways, which ends when it is answered.
   *
   * @param leavesAfter so many answers: then the client breaks off.
   */
  stream(
    path: string,
    messages: readonly Buffer[],
    headers: Readonly<Record<string, string>>,
    isPacked: boolean,
    leavesAfter = Number.POSITIVE_INFINITY,
  ): Promise<CallOutcome> {
    const startedMs = performance.now();
    const answers: Buffer[] = [];
    const metadata = Metadata.fromHttp2Headers({ ...headers });
    return new Promise((resolve) => {
      const call = this.#client(isPacked).makeBidiStreamRequest(path, asIs, asIs, metadata);
      call.on('data', (answer: Buffer) => {
        answers.push(answer);
        if (answers.length === leavesAfter) call.cancel();
      });
      call.on('error', () => {});
      call.on('status', ({ code, details }) =>
        resolve({ code, details, answers, tookMs: performance.now() - startedMs }),
      );
      for (const message of messages) call.write(message);
      call.end();
    });
  }

  close(): void {
    this.#plain.close();
    this.#packing.close();
  }

  #client(isPacked: boolean): Client {
    return isPacked ? this.#packing : this.#plain;
  }
}
