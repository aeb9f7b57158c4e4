import type { InferenceRequest } from '#application/serving';
import { DomainError, shown } from '#domain/errors';

/** The parameters of a request that change how it is answered. Others are hints, and left alone. */
export type RequestParameters = Required<Pick<InferenceRequest, 'timeoutMs' | 'priority' | 'sequence' | 'parameter'>>;

/** A request that says nothing of how it wants to be answered. */
export const NO_PARAMETERS: RequestParameters = {
  timeoutMs: undefined,
  priority: undefined,
  sequence: undefined,
  parameter: undefined,
};

const MAX_TIMEOUT_US = 3_600_000_000;
const MAX_PRIORITY = 4_294_967_295;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_SEQUENCE_ID_LENGTH = 256;

/**
 * Reads the parameters of a request. Numbers may come as JSON numbers, as any of gRPC's three kinds, or as their decimal digits.
 *
 * @param value of a parameter by its name; `undefined` when it is not given.
 * @throws REQUEST_MALFORMED naming the parameter.
 * @see Triton's schedule policy extension for `timeout` (microseconds) and `priority`; its sequence extension for the rest
 */
export function readRequestParameters(value: (name: string) => unknown): RequestParameters {
  const microseconds = readWhole(value('timeout'), 'timeout', MAX_TIMEOUT_US, 'microseconds');
  const priority = readWhole(value('priority'), 'priority', MAX_PRIORITY, 'a whole number');
  return {
    // 0 is what clients send when they mean none.
    timeoutMs: microseconds === 0 ? undefined : microseconds / 1000,
    priority: priority === 0 ? undefined : priority,
    sequence: readSequence(value),
    parameter: value,
  };
}

function readSequence(value: (name: string) => unknown): RequestParameters['sequence'] {
  const id = readSequenceId(value('sequence_id'));
  const isStart = readFlag(value('sequence_start'), 'sequence_start');
  const isEnd = readFlag(value('sequence_end'), 'sequence_end');
  if (id !== undefined) return { id, isStart, isEnd };
  if (isStart || isEnd) throw malformed('sequence_id', 'must be given where a sequence starts or ends');
  return undefined;
}

/** A number and its digits are the same sequence; 0 and the empty text are none. */
function readSequenceId(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') {
    if (value.length <= MAX_SEQUENCE_ID_LENGTH) return value === '0' ? undefined : value;
    throw malformed('sequence_id', `must have at most ${MAX_SEQUENCE_ID_LENGTH} characters`);
  }
  const number = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof number !== 'bigint' || number < 0n || number > MAX_UINT64)
    throw malformed('sequence_id', `must be text or an unsigned 64-bit integer, not ${shown(value)}`);
  return number === 0n ? undefined : String(number);
}

function readWhole(value: unknown, name: string, max: number, unit: string): number {
  if (value === undefined) return 0;
  const isDigits = typeof value === 'string' && /^\d{1,16}$/.test(value);
  const number = isDigits || typeof value === 'bigint' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= max) return number;
  throw malformed(name, `must be ${unit}, 0 to ${max}, not ${shown(value)}`);
}

/** Some clients send every parameter as text, and some know numbers only. */
function readFlag(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'object' ? '' : String(value);
  if (['true', 'True', '1'].includes(text)) return true;
  if (['false', 'False', '0'].includes(text)) return false;
  throw malformed(name, `must be true or false, not ${shown(value)}`);
}

/** What clients send when they mean none. */
const NONE: ReadonlySet<unknown> = new Set([undefined, null, '', '0', 0, 0n, false]);

/** Parameters of tensors that would change the answer, and that this server does not honour. */
const REFUSED = [
  { name: 'classification', reason: 'this server has no labels of classes: ask for the tensor itself' },
  { name: 'shared_memory_region', reason: 'this server has no shared memory: send and take tensors in the messages' },
] as const;

/**
 * Refuses a tensor's parameters that ask for what this server does not have: ignoring them would give another answer than was asked for.
 *
 * @param value of a parameter by its name; `undefined` when it is not given.
 * @param field the tensor's path.
 * @throws UNSUPPORTED
 */
export function refuseTensorParameters(value: (name: string) => unknown, field: string): void {
  for (const { name, reason } of REFUSED) {
    const given = value(name);
    if (NONE.has(given)) continue;
    throw new DomainError('UNSUPPORTED', `${field}.parameters.${name}: ${reason}`, { field });
  }
}

function malformed(name: string, problem: string): DomainError {
  const field = `parameters.${name}`;
  return new DomainError('REQUEST_MALFORMED', `${field} ${problem}`, { field });
}
