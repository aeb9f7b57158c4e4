import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTrafficTotals } from '#adapters/control-stream';
import { type CountedRoute, TrafficLedger } from '#application/serving';
import type { Tensor } from '#domain/inference';
import { mergeCounts, NO_TRAFFIC, type QuantileSketch, type TrafficCounts } from '#domain/traffic';
import { GatewayReport } from '#generated/slipway/control/v1/control';
import { GatewayProcess } from './gateway-process.ts';

const ROLLOUT = 'default.m.1';
const KEY = { namespace: 'default', name: 'm' };
const ROUTE = {
  namespace: 'default',
  deployment: 'm',
  modelName: 'm',
  rolloutId: ROLLOUT,
  stable: { build: 'm@1 cpu/fp32' },
  candidate: { build: 'm@1 cpu/int8' },
  watch: { latency: true, nonFinite: true, constant: true, outputs: ['y', 'label'], agreement: [] },
};

/** Something that a gateway counts. */
type Event =
  | { readonly kind: 'answer'; readonly build: string; readonly value: number; readonly tookMs: number }
  | { readonly kind: 'error' | 'nonFinite' | 'mirrored' | 'mirroredError' | 'shed'; readonly build: string };

const BUILDS = [ROUTE.stable.build, ROUTE.candidate.build];
const build = fc.constantFrom(...BUILDS);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constant('answer' as const),
    build,
    // Fewer than the labels that are told apart.
    value: fc.integer({ min: -20, max: 20 }),
    tookMs: fc.integer({ min: 1, max: 5000 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'error' as const,
      'nonFinite' as const,
      'mirrored' as const,
      'mirroredError' as const,
      'shed' as const,
    ),
    build,
  }),
);
/** What each gateway counts between its reports. */
const histories = fc.array(fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});

function tensorOf(name: string, value: number): Tensor {
  const data = new Uint8Array(Float32Array.of(value).buffer);
  return name === 'label'
    ? { name, datatype: 'INT32', shape: [1], data: new Uint8Array(Int32Array.of(value).buffer) }
    : { name, datatype: 'FP32', shape: [1], data };
}

function count(ledger: TrafficLedger, happened: Event, route: CountedRoute = ROUTE): void {
  switch (happened.kind) {
    case 'answer': {
      const { value, tookMs } = happened;
      const outputs = [tensorOf('y', value), tensorOf('label', value)];
      ledger.countAnswer(route, happened.build, { inputs: [tensorOf('x', value)], outputs, tookMs });
      return;
    }
    case 'error':
      ledger.countServerError(route, happened.build, 'broken', true);
      return;
    case 'nonFinite':
      ledger.countNonFinite(route, happened.build);
      return;
    case 'mirrored':
      ledger.countMirrored(route, happened.build, ['y']);
      return;
    case 'mirroredError':
      ledger.countMirroredError(route, happened.build);
      return;
    case 'shed':
      ledger.countShed(route, happened.build);
  }
}

const newLedger = () => new TrafficLedger(() => 1000, { onError: () => {}, onTrip: () => {} });

/** A gateway's reports, over the wire and back: what changed since the last one, and at the end all, as on a new stream. */
function reportsOf(history: readonly (readonly Event[])[], ledger: TrafficLedger): GatewayReport[] {
  let reported = 0;
  const report = (since: number) => {
    const traffic = ledger.totalsSince(since).map(toTrafficTotals);
    reported = ledger.changes;
    return GatewayReport.decode(GatewayReport.encode(GatewayReport.fromPartial({ traffic })).finish());
  };
  const parts = history.map((events) => {
    for (const happened of events) count(ledger, happened);
    return report(reported);
  });
  return [...parts, report(0)];
}

/** Counts that can be compared: buckets in their order, and sums of whole numbers. */
function comparable({ latency, outputs, ...counts }: TrafficCounts) {
  const plain = (sketch: QuantileSketch | undefined) => {
    if (sketch === undefined) return undefined;
    const { positive, negative, ...rest } = sketch.toBuckets();
    return { ...rest, positive: positive.toSorted(byIndex), negative: negative.toSorted(byIndex) };
  };
  return {
    requests: counts.requests,
    serverErrors: counts.serverErrors,
    firstErrorAtMs: counts.firstErrorAtMs,
    lastError: counts.lastError,
    nonFinite: counts.nonFinite,
    constant: counts.constant,
    mirrored: counts.mirrored && { ...counts.mirrored, disagreements: new Map(counts.mirrored.disagreements) },
    latency: plain(latency),
    outputs:
      outputs &&
      new Map(
        [...outputs].map(([name, { labels, values }]) => [name, { labels: new Map(labels), values: plain(values) }]),
      ),
  };
}

function byIndex([left]: readonly [number, number], [right]: readonly [number, number]): number {
  return left - right;
}

describe('reports of several gateways', () => {
  it('in any order, repeated and lost, count every event once, as one gateway would', () => {
    fc.assert(
      fc.property(
        histories,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
        (given, chances) => {
          // What follows from the answer before depends on who saw that one: each gateway's own ledger is what one is merged from.
          const ledgers = given.map(newLedger);
          const processes = given.map((_, index) => new GatewayProcess(`gateway-${index}`));
          const chance = (index: number) => chances[index % chances.length] ?? 0;
          const deliveries = given.flatMap((history, gateway) => {
            const reports = reportsOf(history, ledgers[gateway] as TrafficLedger);
            const last = reports.length - 1;
            return reports.flatMap((report, index) => {
              // The last report of a stream is the one that arrives in the end; of others some are lost, and some come twice.
              const copies = index === last ? 1 + Math.floor(chance(index) * 2) : Math.floor(chance(index) * 3);
              return Array.from({ length: copies }, (_, copy) => ({
                gateway,
                report,
                at: chance(index + 7 * copy + 13 * gateway),
              }));
            });
          });
          for (const { gateway, report } of deliveries.toSorted((left, right) => left.at - right.at)) {
            processes[gateway]?.take(report);
          }
          for (const name of BUILDS) {
            const merged = processes
              .flatMap((process) => process.trafficOf({ ...KEY, build: name }, ROLLOUT) ?? [])
              .reduce(mergeCounts, NO_TRAFFIC);
            const expected = ledgers
              .flatMap(({ totals }) => totals.filter((totals) => totals.build === name))
              .reduce<TrafficCounts>(mergeCounts, NO_TRAFFIC);
            expect(comparable(merged)).toEqual(comparable(expected));
          }
        },
      ),
    );
  });

  it('are what one gateway that saw all requests would have counted', () => {
    fc.assert(
      fc.property(histories, (given) => {
        const withoutConstancy = { ...ROUTE, watch: { ...ROUTE.watch, constant: false } };
        const one = newLedger();
        const processes = given.map((history) => {
          const ledger = newLedger();
          for (const happened of history.flat()) {
            for (const counting of [ledger, one]) count(counting, happened, withoutConstancy);
          }
          const process = new GatewayProcess('g');
          process.take(GatewayReport.fromPartial({ traffic: ledger.totals.map(toTrafficTotals) }));
          return process;
        });
        for (const totals of one.totals) {
          const merged = processes
            .flatMap((process) => process.trafficOf({ ...KEY, build: totals.build }, ROLLOUT) ?? [])
            .reduce(mergeCounts, NO_TRAFFIC);
          expect(comparable(merged)).toEqual(comparable(totals));
        }
      }),
    );
  });
});
