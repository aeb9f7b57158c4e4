import { shownVersion } from '#domain/rollout';
import type { DeploymentStatus, GateCounts, GateStatus, StepTimer, VersionTraffic } from '#generated/deployment-status';
import { lastRolloutLines } from './explain.ts';
import type { Rates } from './request-rates.ts';
import {
  clock,
  lookOfPhase,
  lookOfSeverity,
  lookOfVerdict,
  noteOf,
  percent,
  reasonWithoutName,
  shownName,
} from './status-words.ts';
import { fitLine, type Line, span, wrapText } from './styled-line.ts';

type Candidate = NonNullable<DeploymentStatus['candidate']>;

/** What a view shows beside the state itself. */
export interface Moment {
  readonly nowMs: number;
  /** Absent while too little was seen. */
  readonly rates: Rates | undefined;
  readonly columns: number;
  readonly rows: number;
}

const BAR_CELLS = 10;
const MOST_EVENTS = 5;
/** Steps that are shown of a long list. */
const MOST_STEPS = 6;

/** A deployment as it is at a moment: no line is longer than the terminal is wide, and all together leave its last row free. */
export function liveView(status: DeploymentStatus, moment: Moment): readonly Line[] {
  const { candidate } = status;
  const body =
    candidate === undefined ? restLines(status, moment) : rolloutLines(candidate, status.stable?.version, moment);
  const fixed = [...headLines(status, moment), ...body];
  // A blank line and a heading come before the events.
  const room = Math.min(MOST_EVENTS, moment.rows - 1 - fixed.length - 2);
  return [...fixed, ...eventLines(status, room)]
    .slice(0, Math.max(1, moment.rows - 1))
    .map((line) => fitLine(line, moment.columns));
}

function headLines(status: DeploymentStatus, { nowMs, columns }: Moment): Line[] {
  const { phase, stable, candidate } = status;
  const versions =
    candidate === undefined
      ? []
      : [
          `version ${stable === undefined ? '' : `${shownVersion(stable)} → `}${shownVersion(candidate)}`,
          ...(candidate.strategy === undefined ? [] : [candidate.strategy]),
          clock(nowMs - Date.parse(candidate.startedAt)),
        ];
  const note = candidate === undefined ? status.message : noteOf(status);
  return [
    [
      span(shownName(status), 'bold'),
      span('  '),
      span(phase, lookOfPhase(phase)),
      ...(versions.length === 0 ? [] : [span(`  ${versions.join(' · ')}`)]),
    ],
    ...wrapText(note, columns)
      .slice(0, 2)
      .map((text) => [span(text, 'dim')]),
  ];
}

function rolloutLines(candidate: Candidate, stableVersion: number | undefined, moment: Moment): Line[] {
  const gates = candidate.gates ?? [];
  return [
    [],
    ...trafficLines(candidate, stableVersion, moment.rates),
    ...(candidate.steps === undefined ? [] : [[], ...stepLines(candidate, moment.nowMs)]),
    ...(gates.length === 0
      ? []
      : [[], [span('GATES', 'bold')], ...gates.flatMap((gate) => gateLines(gate, moment.columns))]),
  ];
}

function restLines(status: DeploymentStatus, { columns }: Moment): Line[] {
  const last = lastRolloutLines(status).flatMap((line) => wrapText(line, columns));
  return last.length === 0 ? [] : [[], ...last.map((line) => [span(line)])];
}

function trafficLines(candidate: Candidate, stableVersion: number | undefined, rates: Rates | undefined): Line[] {
  const { traffic, weightPercent } = candidate;
  const old: VersionTraffic = { requests: candidate.requests, serverErrors: candidate.serverErrors };
  const heading = ['VERSION'.padEnd(14), 'WEIGHT'.padEnd(17), 'REQ/S'.padStart(7), 'REQUESTS'.padStart(10)];
  const stable =
    stableVersion === undefined
      ? []
      : [trafficLine(`stable ${stableVersion}`, 100 - weightPercent, traffic?.stable, rates?.stable)];
  return [
    [span([...heading, 'ERRORS'.padStart(8), '  ERROR RATE, 95 %'].join(''), 'bold')],
    ...stable,
    trafficLine(`candidate ${candidate.version}`, weightPercent, traffic?.candidate ?? old, rates?.candidate),
    ...latencyLines(traffic),
    ...mirrorLines(candidate),
    ...fallbackLines(traffic?.candidate.fallbacks),
  ];
}

function trafficLine(
  label: string,
  weightPercent: number,
  traffic: VersionTraffic | undefined,
  rate: number | undefined,
): Line {
  const filled = Math.round((weightPercent / 100) * BAR_CELLS);
  const errors = traffic?.serverErrors ?? 0;
  return [
    span(label.padEnd(14)),
    span('█'.repeat(filled), 'cyan'),
    span('░'.repeat(BAR_CELLS - filled), 'dim'),
    span(`${`${weightPercent} %`.padStart(6)} `),
    span((rate === undefined ? '-' : rate.toFixed(1)).padStart(7)),
    span(shortCount(traffic?.requests).padStart(10)),
    span(shortCount(traffic?.serverErrors).padStart(8), errors > 0 ? 'red' : undefined),
    span(`  ${shownRate(traffic?.errorRate)}`),
  ];
}

function shownRate(estimate: VersionTraffic['errorRate']): string {
  if (estimate === undefined) return '-';
  return `${percent(estimate.rate)} % (${percent(estimate.low)}–${percent(estimate.high)})`;
}

function shortCount(count: number | undefined): string {
  if (count === undefined) return '-';
  if (count < 1_000_000) return String(count);
  return Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(count);
}

function latencyLines(traffic: Candidate['traffic']): Line[] {
  const quantiles = (of: VersionTraffic['latencyMs']) =>
    of === undefined ? '-' : [of.p50, of.p95, of.p99].map(shownMs).join(' / ');
  if (traffic?.candidate.latencyMs === undefined && traffic?.stable.latencyMs === undefined) return [];
  const told = `stable ${quantiles(traffic.stable.latencyMs)}, candidate ${quantiles(traffic.candidate.latencyMs)}`;
  return [[span(`latency ms, p50 / p95 / p99: ${told}`)]];
}

function shownMs(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms.toFixed(1);
}

function mirrorLines({ traffic, mirrorPercent }: Candidate): Line[] {
  const mirrored = traffic?.candidate.mirrored;
  if (mirrored === undefined || mirrored.requests + mirrored.shed === 0) return [];
  const { requests, serverErrors, compared, disagreements, shed } = mirrored;
  const counts = `${requests} copies, ${serverErrors} failed, ${disagreements} of ${compared} differ, ${shed} shed`;
  return [[span(`mirrored, now ${mirrorPercent ?? 0} %: ${counts}`)]];
}

function fallbackLines(fallbacks: number | undefined): Line[] {
  if (fallbacks === undefined || fallbacks === 0) return [];
  return [[span(`stable answered ${fallbacks === 1 ? 'one' : fallbacks} of the failed requests instead`)]];
}

function stepLines({ steps = [], stepIndex, stepTimer }: Candidate, nowMs: number): Line[] {
  const from = Math.max(0, Math.min(stepIndex - 1, steps.length - MOST_STEPS));
  const shown = steps.slice(from, from + MOST_STEPS);
  const place = shown.length === steps.length ? '' : ` ${from + 1} to ${from + shown.length} of ${steps.length}`;
  return [
    [span(`STEPS${place}`, 'bold')],
    ...shown.map(({ text, state }): Line => {
      if (state === 'done') return [span('  ✓ ', 'green'), span(text, 'dim')];
      if (state === 'ahead') return [span('  · ', 'dim'), span(text)];
      const progress = stepTimer === undefined ? '' : timerWords(stepTimer, nowMs);
      return [span('  ▸ ', 'cyan'), span(text, 'bold'), span(progress === '' ? '' : `   ${progress}`)];
    }),
  ];
}

function timerWords({ enteredAt, forMs, requests, minRequests }: StepTimer, nowMs: number): string {
  const elapsed = clock(nowMs - Date.parse(enteredAt));
  const counted = minRequests === undefined ? [] : [`${requests ?? 0} of ${minRequests} requests`];
  return [...counted, forMs === undefined ? `for ${elapsed}` : `${elapsed} of ${clock(forMs)}`].join(', ');
}

function gateLines(gate: GateStatus, columns: number): Line[] {
  const { key, verdict, evidence } = gate;
  const against = evidence === undefined ? [] : evidenceSpans(evidence);
  const reason = wrapText(`    ${reasonWithoutName(gate)}`, columns).slice(0, 2);
  return [
    [
      span(`  ${key.padEnd(18)} `),
      span(verdict.padEnd(against.length === 0 ? 0 : 13), lookOfVerdict(verdict)),
      ...against,
    ],
    ...reason.map((text) => [span(text, 'dim')]),
  ];
}

/** How far the evidence is to the bar at which the candidate goes; where stable fails, too, that of being worse than stable counts. */
function evidenceSpans({ log10Absolute, log10Relative, log10Needed }: GateCounts): Line {
  const isRelative = log10Relative !== undefined && log10Relative < log10Absolute;
  const reached = isRelative ? log10Relative : log10Absolute;
  const filled = Math.round(Math.min(1, Math.max(0, reached / log10Needed)) * BAR_CELLS);
  const against = isRelative ? 'against stable' : 'evidence';
  return [
    span('█'.repeat(filled), 'red'),
    span('░'.repeat(BAR_CELLS - filled), 'dim'),
    span(` ${against} 10^${reached.toFixed(1)} of 10^${log10Needed.toFixed(1)}`),
  ];
}

function eventLines({ events }: DeploymentStatus, most: number): Line[] {
  if (most < 1 || events.length === 0) return [];
  return [
    [],
    [span('EVENTS', 'bold')],
    ...events
      .slice(-most)
      .map(({ at, severity, code, message }) => [
        span(`  ${at.slice(11, 19)}  `, 'dim'),
        span(code, lookOfSeverity(severity)),
        span(`: ${message}`),
      ]),
  ];
}
