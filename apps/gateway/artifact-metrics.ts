import { Counter, Gauge, type Registry } from 'prom-client';
import type { ArtifactCache, CacheEvent } from '#adapters/artifact-cache';
import type { Logger } from '#adapters/telemetry';
import { assertNever } from '#domain/errors';

/** Logs and counts what the cache of artifacts does. */
export class ArtifactMetrics {
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #pulledBytes: Counter;
  readonly #events: Counter<'event'>;

  constructor(registry: Registry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
    this.#pulledBytes = new Counter({
      name: 'slipway_artifact_cache_pulled_bytes_total',
      help: 'Bytes of artifacts that came from the object store.',
      registers: [registry],
    });
    this.#events = new Counter({
      name: 'slipway_artifact_cache_events_total',
      help: 'Files pulled, evicted and quarantined (damaged, never used), and failures of the disk (unwritable).',
      labelNames: ['event'],
      registers: [registry],
    });
    for (const event of ['pulled', 'evicted', 'quarantined', 'unwritable']) this.#events.inc({ event }, 0);
  }

  /** Takes one event of the cache. */
  take(event: CacheEvent): void {
    if (event.kind !== 'pulling') this.#events.inc({ event: event.kind });
    switch (event.kind) {
      case 'pulling': {
        const { file, doneBytes, sizeBytes } = event;
        const percent = Math.floor((doneBytes / sizeBytes) * 100);
        this.#logger.info({ file, doneBytes, sizeBytes }, `pulling ${file}: ${percent} %`);
        break;
      }
      case 'pulled': {
        const { file, sizeBytes, keptBytes } = event;
        this.#pulledBytes.inc(sizeBytes - keptBytes);
        this.#logger.info({ file, sizeBytes, keptBytes }, `pulled ${file}`);
        break;
      }
      case 'evicted':
        this.#logger.info({ digest: event.digest, sizeBytes: event.sizeBytes }, 'evicted an artifact');
        break;
      case 'quarantined':
        this.#logger.error(`a damaged artifact was not used: ${event.reason}`);
        break;
      case 'unwritable':
        this.#logger.error(`the cache of artifacts cannot be written: ${event.reason}`);
        break;
      default:
        assertNever(event);
    }
  }

  /** Adds what is read at each scrape. */
  watch(cache: ArtifactCache, budgetBytes: number): void {
    new Gauge({
      name: 'slipway_artifact_cache_bytes',
      help: 'Bytes of the artifacts on the disk.',
      registers: [this.#registry],
      async collect() {
        this.set(await cache.usedBytes());
      },
    });
    new Gauge({
      name: 'slipway_artifact_cache_budget_bytes',
      help: 'Bytes that artifacts which are not in use may fill up.',
      registers: [this.#registry],
    }).set(budgetBytes);
  }
}
