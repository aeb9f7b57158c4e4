import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from '#adapters/telemetry';
import type { MemoryEvent, ServingSet } from '#application/serving';

const VERSION_LABELS = ['namespace', 'deployment', 'version', 'role'] as const;
const STATES = ['loading', 'ready', 'sleeping', 'failed'] as const;

/** Logs and counts which versions are in memory. */
export class MemoryMetrics {
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #events: Counter<'model' | 'version' | 'event'>;

  constructor(registry: Registry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
    this.#events = new Counter({
      name: 'slipway_model_memory_events_total',
      help: 'Versions that were put to sleep to make room (slept), and loaded again for a request (woke).',
      labelNames: ['model', 'version', 'event'],
      registers: [registry],
    });
  }

  /** Takes one event. */
  readonly take = ({ kind, model, version, sizeBytes }: MemoryEvent): void => {
    this.#events.inc({ model, version, event: kind });
    this.#logger.info({ model, version, sizeBytes }, `version ${version} of ${model} ${kind}`);
  };

  /** Adds what is read at each scrape. */
  watch(servingSet: ServingSet, budgetBytes: number): void {
    new Gauge({
      name: 'slipway_model_version_state',
      help: '1 for the present state of each wanted version: loading, ready, sleeping (loaded by its next request) or failed.',
      labelNames: [...VERSION_LABELS, 'state'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { namespace, deployment, version, role, state } of servingSet.reports) {
          for (const name of STATES)
            this.set({ namespace, deployment, version, role, state: name }, state.kind === name ? 1 : 0);
        }
      },
    });
    new Gauge({
      name: 'slipway_model_memory_bytes',
      help: 'Memory that a version and its runner take; estimated until it is loaded.',
      labelNames: VERSION_LABELS,
      registers: [this.#registry],
      async collect() {
        await servingSet.measure();
        this.reset();
        for (const { namespace, deployment, version, role, memoryBytes } of servingSet.reports)
          this.set({ namespace, deployment, version, role }, memoryBytes);
      },
    });
    new Gauge({
      name: 'slipway_model_memory_budget_bytes',
      help: 'Memory for all versions together; 0: no limit.',
      registers: [this.#registry],
    }).set(budgetBytes);
  }
}
