import { hasNonFinite, labelsOf, numbersOf, type Tensor } from '#domain/inference';
import { LATENCY_ACCURACY, QuantileSketch, type TrafficWatch } from '#domain/traffic';
import { sampledHash } from './sampled-hash.ts';
import { OutputTally, type TrafficTally } from './traffic-tally.ts';

/** An answer of a version in a rollout. */
export interface WatchedAnswer {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Milliseconds from receipt to answer. */
  readonly tookMs: number;
}

/** Values of one output of one answer that are looked at, the first ones: an answer may have millions. */
const MAX_VALUES = 256;

/** Looks at an answer as far as the gates of its rollout ask for it. */
export function watchAnswer(tally: TrafficTally, watch: TrafficWatch, answer: WatchedAnswer): void {
  if (watch.latency) {
    tally.latency ??= new QuantileSketch(LATENCY_ACCURACY);
    tally.latency.add(answer.tookMs);
  }
  if (watch.nonFinite) {
    tally.nonFinite ??= 0;
    if (answer.outputs.some(hasNonFinite)) tally.nonFinite += 1;
  }
  if (watch.constant) watchConstancy(tally, answer);
  for (const name of watch.outputs) {
    const output = answer.outputs.find((tensor) => tensor.name === name);
    if (output !== undefined) watchOutput(tally, output);
  }
}

function watchConstancy(tally: TrafficTally, { inputs, outputs: [first] }: WatchedAnswer): void {
  tally.constant ??= 0;
  if (first === undefined) return;
  const { previous } = tally;
  tally.previous = { inputs: sampledHash(inputs), output: sampledHash([first]) };
  const isRepeated = previous?.output === tally.previous.output && previous.inputs !== tally.previous.inputs;
  if (isRepeated) tally.constant += 1;
}

function watchOutput(tally: TrafficTally, output: Tensor): void {
  tally.outputs ??= new Map();
  let counts = tally.outputs.get(output.name);
  if (counts === undefined) {
    counts = new OutputTally();
    tally.outputs.set(output.name, counts);
  }
  // One observation for a request, whatever its rows: those go to a version together, and together they are no random sample.
  const [label] = labelsOf(output, 1) ?? [];
  if (label !== undefined) counts.countLabel(label);
  else counts.countValue(meanOf(numbersOf(output, MAX_VALUES).filter(Number.isFinite)));
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
