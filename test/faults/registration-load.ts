import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryClient } from '#adapters/registry-client';
import { type DomainError, isDomainError } from '#domain/errors';

/** A registration that the registry acknowledged. */
export interface Acknowledged {
  readonly model: string;
  readonly key: string;
  readonly version: number;
  readonly digest: string;
  readonly latencyMs: number;
  /** How often it had to be asked for. */
  readonly attempts: number;
}

export interface LoadPlan {
  /** Where the registry's replicas answer; a client that fails at one turns to another. */
  readonly urls: readonly string[];
  readonly clients: number;
  readonly versions: number;
  readonly models: number;
  /** How long a registration may be tried before the load counts as failed. */
  readonly patienceMs: number;
  /** Whether to go on with a further version; without it the load ends after `versions`. */
  readonly goesOn?: () => boolean;
  /** Told of every request that failed, and how long it took. */
  readonly onFailure?: (error: DomainError, tookMs: number) => void;
}

export const namespace = 'default';

/** Content of a registration: every tenth brings bytes of its own, the others share one file. */
export function bytesOf(index: number): Buffer {
  return Buffer.from(index % 10 === 0 ? `weights of registration ${index} `.repeat(50) : 'weights that many share');
}

/**
 * Registers versions with many clients, each registration repeated under its idempotency key until it is acknowledged, whatever
 * happens to the registry meanwhile. Errors that a client may not retry end the load.
 */
export async function registerUnderFaults(plan: LoadPlan, acknowledged: Acknowledged[]): Promise<void> {
  const clients = plan.urls.map((url) => new RegistryClient(url));
  const any = () => clients[Math.floor(Math.random() * clients.length)] as RegistryClient;
  for (let model = 0; model < plan.models; model += 1) {
    await persist(plan, () => any().call('createModel', { input: { namespace, name: `model-${model}` } }));
  }
  let next = 0;
  const client = async () => {
    while (next < plan.versions && plan.goesOn?.() !== false) {
      const index = next;
      next += 1;
      const startedMs = performance.now();
      let attempts = 0;
      const version = await persist(plan, () => {
        attempts += 1;
        return registerOnce(any(), `model-${index % plan.models}`, index);
      });
      acknowledged.push({
        model: `model-${index % plan.models}`,
        key: `registration-${index}`,
        version,
        digest: digestOf(bytesOf(index)),
        latencyMs: performance.now() - startedMs,
        attempts,
      });
    }
  };
  await Promise.all(Array.from({ length: plan.clients }, client));
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function registerOnce(registry: RegistryClient, model: string, index: number): Promise<number> {
  const bytes = bytesOf(index);
  const input = {
    namespace,
    model,
    idempotencyKey: `registration-${index}`,
    finalize: true,
    labels: [{ name: 'key', value: `registration-${index}` }],
    metrics: [{ name: 'accuracy', value: index / 10_000 }],
    variants: [
      {
        target: 'CPU' as const,
        precision: 'FP32' as const,
        format: 'OTHER' as const,
        files: [{ path: 'weights.bin', digest: digestOf(bytes), sizeBytes: bytes.byteLength }],
      },
    ],
  };
  const draft = await registry.call('createVersion', { input });
  if (draft.version !== null) return draft.version.version;
  for (const file of draft.files) {
    if (!file.isUploaded) {
      await registry.uploadBlob(file, async function* (offset) {
        yield bytes.subarray(offset);
      });
    }
  }
  return (await registry.call('finalizeVersion', { namespace, model, draftId: draft.id })).version;
}

/** Repeats what fails for a reason that a client may retry, as a real one would: with a pause that grows. */
async function persist<T>({ patienceMs, onFailure }: LoadPlan, act: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + patienceMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    const startedMs = performance.now();
    try {
      return await act();
    } catch (error) {
      if (isDomainError(error)) onFailure?.(error, performance.now() - startedMs);
      if (!isDomainError(error) || !error.isRetryable || performance.now() > deadlineMs) throw error;
      await sleep(pauseMs * (0.5 + Math.random()));
    }
  }
}
