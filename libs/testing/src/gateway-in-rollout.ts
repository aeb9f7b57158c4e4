import {
  type DesiredRoute,
  InferencePipeline,
  type InferenceRequest,
  type MirrorOutcome,
  ServingSet,
  TrafficLedger,
} from '#application/serving';
import type { Tensor } from '#domain/inference';
import { type TrafficWatch, WATCH_NOTHING } from '#domain/traffic';
import { desiredRoute, ScriptedHost, servedVersion, turns } from './scripted-host.ts';

/** A draw that chooses the candidate. */
export const CANDIDATE = 0;
/** A draw that chooses stable. */
export const STABLE = 0.999;
/** FP32, of one dimension, as the input `x`. */
export const numbers = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});
/** The numbers of the first one. */
export const valuesIn = ([first]: readonly Tensor[]) =>
  first === undefined ? [] : [...new Float32Array(first.data.slice().buffer)];
/** The same as the output `y`. */
export const output = (...values: number[]): Tensor => ({ ...numbers(...values), name: 'y' });
/** Looks at nothing in answers but what is said. */
export const watching = (over: Partial<TrafficWatch>): TrafficWatch => ({ ...WATCH_NOTHING, ...over });

/** A gateway without processes in a rollout of version 2 beside version 1. */
export async function serveRollout(over: Partial<DesiredRoute> = {}) {
  const host = new ScriptedHost();
  const set = new ServingSet(host.parts, () => {});
  const trips: string[] = [];
  const ledger = new TrafficLedger(() => 42, {
    onError: () => {},
    onTrip: ({ rolloutId }) => {
      trips.push(rolloutId);
      set.takeOut(rolloutId);
    },
  });
  const chance = { next: CANDIDATE, mirror: 0 };
  const outcomes: MirrorOutcome[] = [];
  let draws = 0;
  const pipeline = new InferencePipeline({
    ...host.parts,
    routes: () => set.routes,
    ledger,
    // The first draw of a request is for its version, the second one for its copy.
    random01: () => (draws++ % 2 === 0 ? chance.next : chance.mirror),
    observe: () => {},
    observeMirrored: ({ outcome }) => outcomes.push(outcome),
  });
  let revision = 0;
  const apply = async (changed: Partial<DesiredRoute> = {}) => {
    revision += 1;
    const route = { candidate: servedVersion(2), candidateWeightPercent: 50, rolloutId: 'r1', ...over, ...changed };
    set.apply({ revision, deployments: [desiredRoute(route)] });
    await turns();
  };
  await apply();
  // Those of the warm-up.
  host.runs.length = 0;
  const infer = (asked: Partial<InferenceRequest> = {}) => {
    draws = 0;
    return pipeline.infer({ modelName: 'm', modelVersion: '', inputs: [numbers(1)], outputNames: [], ...asked });
  };
  const of = (version: number) => ledger.totals.find(({ build }) => build === `m@${version}`);
  return { host, set, ledger, apply, infer, of, chance, trips, outcomes };
}
