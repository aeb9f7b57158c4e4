export { errorRateInterval, type RateInterval } from './error-rate-interval.ts';
export { QuantileSketch, type SketchBuckets } from './quantile-sketch.ts';
export {
  LATENCY_ACCURACY,
  MAX_LABELS,
  type MirroredCounts,
  mergeCounts,
  NO_TRAFFIC,
  OTHER_LABEL,
  OUTPUT_ACCURACY,
  type OutputCounts,
  type TrafficCounts,
} from './traffic-counts.ts';
export { type AgreementWatch, type Breaker, type TrafficWatch, WATCH_NOTHING } from './traffic-watch.ts';
