/** What registries hold while they are measured: the same for each. */
export const MODELS = 50;
export const VERSIONS = 100_000;
export const RUNS = 3;
/** Clients at once. */
export const WRITERS = 32;
export const READERS = 8;
export const teamOf = (index: number): string => `team-${index % 40}`;
export const tierOf = (index: number): string => `tier-${index % 7}`;
