/**
 * Programs of tests and measurements ask nobody who they are, unless that is what they are about: then they say `policies`, or
 * `SLIPWAY_ACCESS: undefined` for what holds without a word.
 */
export const OPEN_ACCESS = { SLIPWAY_ACCESS: 'open' } as const;
