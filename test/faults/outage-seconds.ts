const DEFAULT_SECONDS = 30;

/** How long a store is gone: as long as `SLIPWAY_OUTAGE_SECONDS` says. */
export const outageSeconds = Number(process.env['SLIPWAY_OUTAGE_SECONDS'] ?? DEFAULT_SECONDS);

/** For a test that waits for the end of an outage and does more besides. */
export const outageTestTimeoutMs = (outageSeconds + 600) * 1000;
