import { type ServiceDefinition, type ServiceError, status, type UntypedServiceImplementation } from '@grpc/grpc-js';

/** Stands for a message that could not be decoded. */
class MalformedMessage {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

type Refusal = Pick<ServiceError, 'code' | 'details'>;

/** What handlers of all kinds of methods are called with. */
interface AnyCall {
  readonly request?: unknown;
  emit(event: 'error', refusal: Refusal): boolean;
  on(event: string, listener: (...values: unknown[]) => void): this;
}
type Handler = (call: AnyCall, callback?: (refusal: Refusal) => void) => void;

/** A service whose messages need not be what they should, and what answers it. */
export interface ForgivingService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * Has messages that cannot be decoded answered as the client's mistake, REQUEST_MALFORMED: grpc-js would call them an error of the server's.
 */
export function forgiving(definition: ServiceDefinition, implementation: object): ForgivingService {
  const handlers = implementation as Readonly<Record<string, Handler>>;
  const methods = Object.entries(definition).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return method.requestDeserialize(bytes);
      } catch (error) {
        return new MalformedMessage((error as Error).message);
      }
    };
    return [name, { ...method, requestDeserialize }] as const;
  });
  const guarded = Object.entries(definition).map(([name, { requestStream, responseStream }]) => {
    const handle = handlers[name] as Handler;
    const guard: Handler = (call, callback) => {
      if (requestStream) handle(withoutMalformed(call), callback);
      else if (!(call.request instanceof MalformedMessage)) handle(call, callback);
      else if (responseStream) call.emit('error', refusalOf(call.request));
      else callback?.(refusalOf(call.request));
    };
    return [name, guard] as const;
  });
  return {
    definition: Object.fromEntries(methods),
    implementation: Object.fromEntries(guarded) as unknown as UntypedServiceImplementation,
  };
}

/** A stream that ends at a malformed message, which its handler is not told of. */
function withoutMalformed(call: AnyCall): AnyCall {
  const on = call.on.bind(call);
  call.on = (event, listener) =>
    on(event, (...values) => {
      const [message] = values;
      if (event !== 'data' || !(message instanceof MalformedMessage)) listener(...values);
      else call.emit('error', refusalOf(message));
    });
  return call;
}

function refusalOf({ problem }: MalformedMessage): Refusal {
  return { code: status.INVALID_ARGUMENT, details: `REQUEST_MALFORMED: the message cannot be decoded: ${problem}` };
}
