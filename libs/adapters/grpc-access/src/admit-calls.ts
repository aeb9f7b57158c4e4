import type { PeerCertificate } from 'node:tls';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor, type status } from '@grpc/grpc-js';
import type { Forwarding } from '#domain/access';

/** What a call shows; of several values all, which are none that anybody could have been given. */
export function authorizationOf(metadata: Metadata): string | undefined {
  const values = metadata.get('authorization');
  return values.length === 0 ? undefined : values.join(', ');
}

/** What a call says of where it comes from. */
export function forwardingOf(metadata: Metadata): Forwarding {
  const whole = (name: string) => {
    const values = metadata.get(name);
    return values.length === 0 ? undefined : values.join(',');
  };
  return { forwardedFor: whole('x-forwarded-for'), forwarded: whole('forwarded') };
}

/** What a call shows of who makes it. */
export interface ShownByCall {
  /** The metadata `authorization`, whole. */
  readonly authorization: string | undefined;
  /** Of the connection, if its chain was verified. */
  readonly certificate: PeerCertificate | undefined;
  /** At the other end of its connection. */
  readonly peer: string | undefined;
  /** What it says of where it comes from itself. */
  readonly forwarding: Forwarding;
}

/** How a call is refused. */
export interface CallRefusal {
  readonly code: status;
  readonly message: string;
}

/** Whether a call may be made; `undefined` when it may. It must not throw. */
export type AdmitCall = (shown: ShownByCall) => Promise<CallRefusal | undefined>;

/** A credential that has expired, was revoked or lost its rights ends its calls so soon. */
const RENEWAL_MS = 5000;

/**
 * Lets every call of a server in, or not, before its method is told of it, and again now and then while it lasts. It stands at the server,
 * so that no method can be added that it does not guard.
 */
export function admitCalls(admit: AdmitCall): ServerInterceptor {
  return (_method, call) => new AdmittedCall(call, admit);
}

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
type MethodListener = Parameters<ServerInterceptingCall['start']>[0];

class AdmittedCall extends ServerInterceptingCall {
  readonly #call: NextCall;
  readonly #admit: AdmitCall;
  /** Tells the method, once, that the call is over. */
  #cancel: () => void = () => {};
  #renewal: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(call: NextCall, admit: AdmitCall) {
    super(call, {
      start: (next) =>
        next({ onReceiveMetadata: (metadata, go) => void this.#begin(metadata, go), onCancel: () => this.#end() }),
      // What is written after the refusal, in the time that the client takes to read it, is for nobody.
      sendMessage: (message, next) => {
        if (!this.#isOver) next(message);
      },
    });
    this.#call = call;
    this.#admit = admit;
  }

  override start(method: MethodListener): void {
    let isCancelled = false;
    this.#cancel = () => {
      if (!isCancelled) method.onCancel();
      isCancelled = true;
    };
    super.start({
      onReceiveMetadata: (metadata) => method.onReceiveMetadata(metadata),
      onReceiveMessage: (message) => method.onReceiveMessage(message),
      onReceiveHalfClose: () => method.onReceiveHalfClose(),
      onCancel: () => this.#cancel(),
    });
  }

  async #begin(metadata: Metadata, go: (metadata: Metadata) => void): Promise<void> {
    const shown = this.#shownIn(metadata);
    if (await this.#isRefused(shown)) return;
    this.#renewal = setInterval(() => void this.#renew(shown), RENEWAL_MS);
    this.#renewal.unref();
    go(metadata);
  }

  async #renew(shown: ShownByCall): Promise<void> {
    // At once, not when the client has read why: until then the method would take it for present.
    if (await this.#isRefused(shown)) this.#cancel();
  }

  async #isRefused(shown: ShownByCall): Promise<boolean> {
    const refusal = await this.#admit(shown);
    if (refusal === undefined || this.#isOver) return this.#isOver;
    this.#end();
    this.#call.sendStatus({ code: refusal.code, details: refusal.message, metadata: null });
    return true;
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#renewal);
  }

  #shownIn(metadata: Metadata): ShownByCall {
    return {
      authorization: authorizationOf(metadata),
      certificate: this.#call.getAuthContext().sslPeerCertificate,
      peer: this.#call.getConnectionInfo().remoteAddress,
      forwarding: forwardingOf(metadata),
    };
  }
}
