export { type ForgeStatusOptions, ForgeStatusPublisher } from './forge-status.ts';
export type { Forge } from './repository-api.ts';
