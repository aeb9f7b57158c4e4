import type { Digest } from '#domain/registry';
import { publicModelName, type Route, type RouteTable } from '#domain/routing';
import type { DesiredRoute, ServedVersion, ServingSnapshot } from './serving-snapshot.ts';
import { type SlotParts, type SlotState, VersionSlot } from './version-slot.ts';

/** What the controller is told of a version. */
export interface VersionReport {
  readonly namespace: string;
  readonly deployment: string;
  readonly version: number;
  readonly state: SlotState;
  readonly variant: string;
}

/**
 * The versions that this gateway holds, and the route table over those that are ready.
 *
 * Level-triggered: `apply` takes the whole desired state, as often as it likes. A deployment moves to a new stable version when
 * that is ready and keeps the old one until then, so that no snapshot can take the last ready version away.
 */
export class ServingSet {
  readonly #parts: SlotParts;
  readonly #onChange: () => void;
  readonly #slots = new Map<string, VersionSlot>();
  #snapshot: ServingSnapshot = { revision: 0, deployments: [] };
  #routes: RouteTable<VersionSlot> = new Map();

  /** @param onChange called after every change of a version's state and of the routes. */
  constructor(parts: SlotParts, onChange: () => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /** The table to route by: read it once per request. */
  get routes(): RouteTable<VersionSlot> {
    return this.#routes;
  }

  get snapshot(): ServingSnapshot {
    return this.#snapshot;
  }

  /** Whether a snapshot was applied and every deployment in it has a stable version that is ready. */
  get isReady(): boolean {
    const { revision, deployments } = this.#snapshot;
    const wanted = deployments.filter((deployment) => deployment.stable !== undefined);
    return revision > 0 && wanted.every(({ namespace, name }) => this.#routes.has(publicModelName(namespace, name)));
  }

  /** State of every version that is held. */
  get reports(): readonly VersionReport[] {
    return this.#snapshot.deployments.flatMap((deployment) =>
      [deployment.stable, deployment.candidate].flatMap((served) => {
        const slot = served && this.#slots.get(slotKey(deployment, served));
        if (slot === undefined) return [];
        const { namespace, name } = deployment;
        return [{ namespace, deployment: name, version: slot.version, state: slot.state, variant: slot.variantName }];
      }),
    );
  }

  /** Whether a version that is held needs the file. */
  uses(digest: Digest): boolean {
    return [...this.#slots.values()].some(({ served }) =>
      served.variants.some(({ files }) => files.some((file) => file.digest === digest)),
    );
  }

  /** Takes over a desired state; an older one than the present is ignored. Answers whether it was taken. */
  apply(snapshot: ServingSnapshot): boolean {
    if (snapshot.revision <= this.#snapshot.revision) return false;
    this.#snapshot = snapshot;
    for (const deployment of snapshot.deployments) {
      for (const served of [deployment.stable, deployment.candidate]) {
        if (served !== undefined) this.#hold(deployment, served);
      }
    }
    this.#refresh();
    return true;
  }

  /** Ends every runner. */
  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.kill()));
    this.#slots.clear();
    this.#routes = new Map();
  }

  #hold(deployment: DesiredRoute, served: ServedVersion): void {
    const key = slotKey(deployment, served);
    if (this.#slots.has(key)) return;
    const slot = new VersionSlot(key, served, this.#parts, () => this.#refresh());
    this.#slots.set(key, slot);
    slot.start();
  }

  #refresh(): void {
    const before = this.#routes;
    const routes = new Map<string, Route<VersionSlot>>();
    for (const deployment of this.#snapshot.deployments) {
      const modelName = publicModelName(deployment.namespace, deployment.name);
      const route = this.#routeOf(deployment, modelName, before.get(modelName));
      if (route !== undefined) routes.set(modelName, route);
    }
    this.#routes = routes;
    this.#releaseUnused();
    this.#onChange();
  }

  #routeOf(
    deployment: DesiredRoute,
    modelName: string,
    before: Route<VersionSlot> | undefined,
  ): Route<VersionSlot> | undefined {
    const stable = this.#readySlot(deployment, deployment.stable) ?? before?.stable;
    if (stable === undefined) return undefined;
    const candidate = this.#readySlot(deployment, deployment.candidate);
    const {
      namespace,
      name,
      candidateWeightPercent,
      fallbackToStable,
      rolloutId,
      deadlineMs,
      maxConcurrency,
      serving,
    } = deployment;
    return {
      modelName,
      namespace,
      deployment: name,
      stable,
      ...(candidate === undefined ? {} : { candidate }),
      candidateWeightPercent: candidate === undefined ? 0 : candidateWeightPercent,
      fallbackToStable,
      rolloutId,
      deadlineMs,
      maxConcurrency,
      serving,
    };
  }

  #readySlot(deployment: DesiredRoute, served: ServedVersion | undefined): VersionSlot | undefined {
    const slot = served && this.#slots.get(slotKey(deployment, served));
    return slot?.state.kind === 'ready' ? slot : undefined;
  }

  #releaseUnused(): void {
    const used = new Set<VersionSlot>();
    for (const { stable, candidate } of this.#routes.values()) {
      used.add(stable);
      if (candidate !== undefined) used.add(candidate);
    }
    const wanted = new Set(
      this.#snapshot.deployments.flatMap((deployment) =>
        [deployment.stable, deployment.candidate].flatMap((served) => (served ? [slotKey(deployment, served)] : [])),
      ),
    );
    for (const [key, slot] of this.#slots) {
      if (wanted.has(key) || used.has(slot)) continue;
      this.#slots.delete(key);
      slot.close();
    }
  }
}

/** A slot is one set of files in one deployment: another choice of variants is another slot. */
function slotKey({ namespace, name }: DesiredRoute, { model, version, variants }: ServedVersion): string {
  const digests = variants.flatMap((variant) => variant.files.map((file) => file.digest.slice(7, 19)));
  return `${namespace}/${name} ${model}@${version} ${digests.join('+')}`;
}
