export { ControlStream, type ControlStreamOptions, type ControlStreamParts } from './control-stream.ts';
export { LastKnownGoodRoutes } from './last-known-good.ts';
export { toTrafficTotals } from './traffic.mapper.ts';
