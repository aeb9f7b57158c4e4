/**
 * Where one worker of a plugin stands.
 *
 * - `starting`: its worker is loading it and runs `init`; calls wait.
 * - `ready`: it takes calls.
 * - `waiting`: its worker was lost, and another one starts after a pause; calls wait.
 * - `failed`: too many workers were lost in a row. Calls are refused at once; now and then another worker is tried.
 * - `trying`: after `failed`, a worker is loading it again; calls are refused still.
 * - `stopping`: it runs `shutdown`; calls are refused.
 * - `stopped`: its worker has ended, and there will be no other.
 */
export type PluginPhase = 'starting' | 'ready' | 'waiting' | 'failed' | 'trying' | 'stopping' | 'stopped';

/** A worker of a plugin, from its first start to its end. */
export interface PluginLife {
  readonly phase: PluginPhase;
  /** Workers lost since one last answered a call. */
  readonly losses: number;
  /** Until the next worker is started; there is one in `waiting` and `failed` alone. */
  readonly pauseMs?: number;
  /** Why the last worker was lost; absent while none was. */
  readonly lastLoss?: string;
}

/** Something that happened to it. */
export type PluginEvent =
  | { readonly kind: 'started' }
  /** A call was answered, well or with an error: the worker is alive. */
  | { readonly kind: 'answered' }
  /** The worker ended, or was ended: it threw outside of a call, hung, exited, or took too much memory. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The pause is over. */
  | { readonly kind: 'retried' }
  | { readonly kind: 'stopped' }
  /** The worker has ended after it was told to stop. */
  | { readonly kind: 'ended' };

/** How often and when lost workers are replaced. */
export interface ReplacementPolicy {
  /** Losses in a row after which the plugin is given up. */
  readonly maxLosses: number;
  /** Before the second worker; it doubles with each further one. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** Before a plugin that was given up is tried again. */
  readonly failedPauseMs: number;
}

export const REPLACEMENT_POLICY: ReplacementPolicy = {
  maxLosses: 5,
  firstPauseMs: 100,
  maxPauseMs: 5000,
  failedPauseMs: 30_000,
};

export const NEW_LIFE: PluginLife = { phase: 'starting', losses: 0 };

/** What becomes of a worker; an event that says nothing to its phase changes nothing. */
export function lifeAfter(life: PluginLife, event: PluginEvent, policy: ReplacementPolicy): PluginLife {
  const { phase } = life;
  if (phase === 'stopped') return life;
  switch (event.kind) {
    case 'started':
      return isLoading(phase) ? inPhase(life, 'ready') : life;
    case 'answered':
      return phase === 'ready' && life.losses > 0 ? { ...life, losses: 0 } : life;
    case 'lost':
      if (phase === 'stopping') return { ...inPhase(life, 'stopped'), lastLoss: event.reason };
      return phase === 'ready' || isLoading(phase) ? afterLoss(life, event.reason, policy) : life;
    case 'retried':
      if (phase === 'waiting') return inPhase(life, 'starting');
      return phase === 'failed' ? inPhase(life, 'trying') : life;
    case 'stopped':
      return phase === 'ready' || isLoading(phase) ? inPhase(life, 'stopping') : inPhase(life, 'stopped');
    case 'ended':
      return phase === 'stopping' ? inPhase(life, 'stopped') : life;
  }
}

/** Whether calls may wait for it. */
export function takesCalls({ phase }: PluginLife): boolean {
  return phase === 'starting' || phase === 'ready' || phase === 'waiting';
}

function isLoading(phase: PluginPhase): boolean {
  return phase === 'starting' || phase === 'trying';
}

function inPhase({ losses, lastLoss }: PluginLife, phase: PluginPhase): PluginLife {
  return { phase, losses, ...(lastLoss === undefined ? {} : { lastLoss }) };
}

function afterLoss(life: PluginLife, reason: string, policy: ReplacementPolicy): PluginLife {
  const losses = Math.min(life.losses + 1, policy.maxLosses);
  const isGivenUp = losses >= policy.maxLosses;
  const backoffMs = Math.min(policy.firstPauseMs * 2 ** (losses - 1), policy.maxPauseMs);
  return {
    phase: isGivenUp ? 'failed' : 'waiting',
    losses,
    pauseMs: isGivenUp ? policy.failedPauseMs : backoffMs,
    lastLoss: reason,
  };
}
