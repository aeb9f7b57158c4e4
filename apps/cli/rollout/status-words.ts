import { shownVersion } from '#domain/rollout';
import type { DeploymentStatus, GateCounts, GateStatus } from '#generated/deployment-status';
import type { Look } from './styled-line.ts';

/** A deployment in one line. */
export function headline(status: DeploymentStatus): string {
  const { candidate } = status;
  if (candidate === undefined) return `${status.name}: ${status.phase} - ${status.message}`;
  const counts = `${candidate.requests} requests, ${candidate.serverErrors} server errors`;
  return `${status.name}: ${status.phase} - version ${shownVersion(candidate)} at ${candidate.weightPercent} %, ${counts}; ${status.message}`;
}

/** `digits`, or `fraud/digits` outside the default namespace. */
export function shownName({ namespace, name }: DeploymentStatus): string {
  return namespace === 'default' ? name : `${namespace}/${name}`;
}

/** What the rollout waits for; older controllers say it in the message alone. */
export function noteOf({ note, message }: DeploymentStatus): string {
  return note ?? message;
}

/** A gate's reason without its name, which stands beside it. */
export function reasonWithoutName({ reason, key }: GateStatus): string {
  const metric = key.replace(/[/#].*$/, '');
  const name = [key, metric].find((prefix) => reason.startsWith(`${prefix}: `));
  return name === undefined ? reason : reason.slice(name.length + 2);
}

/** `10^1.6 of 10^3.3`: the evidence that there is against the candidate, of that at which it goes. */
export function shownEvidence({
  log10Absolute,
  log10Relative,
  log10Needed,
}: Pick<GateCounts, 'log10Absolute' | 'log10Relative' | 'log10Needed'>): string {
  const odds = `10^${log10Absolute.toFixed(1)} of 10^${log10Needed.toFixed(1)}`;
  return log10Relative === undefined ? odds : `${odds}, against stable 10^${log10Relative.toFixed(1)}`;
}

/** `1:05`, or `2:03:00` from an hour on. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (count: number) => String(count).padStart(2, '0');
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

/** `390 ms` or `12.4 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clock(ms);
}

/** A share as percent without its sign, with two digits that say something. */
export function percent(share: number): string {
  return (share * 100).toFixed(share < 0.1 ? 2 : 1);
}

export function lookOfPhase(phase: DeploymentStatus['phase']): Look {
  const looks = {
    Pending: 'yellow',
    Progressing: 'cyan',
    Paused: 'yellow',
    Healthy: 'green',
    RolledBack: 'red',
    Failed: 'red',
  } as const;
  return looks[phase];
}

export function lookOfVerdict(verdict: GateStatus['verdict']): Look {
  return ({ pass: 'green', fail: 'red', inconclusive: 'yellow', frozen: 'cyan' } as const)[verdict];
}

export function lookOfSeverity(severity: DeploymentStatus['events'][number]['severity']): Look {
  return ({ info: 'dim', warning: 'yellow', error: 'red' } as const)[severity];
}
