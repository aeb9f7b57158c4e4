import type { EnsembleSpec } from '#domain/ensemble';
import { type DeploymentSpec, MAX_PINNED_VERSIONS, type RolloutState, type ServableVersion } from '#domain/rollout';
import { withVersion } from './aliased-manifest.ts';
import type { Deployment } from './deployment.ts';
import { deploymentKey } from './deployment-key.ts';
import type { DeploymentNews } from './deployment-news.ts';
import type { ManifestIntake } from './manifest-intake.ts';
import { pinningEvents } from './pinning-events.ts';
import type { RetriedTasks } from './retried-tasks.ts';
import type { VersionCatalogue } from './version-catalogue.ts';

/** Somebody may be about to sign the version, and waits for it. */
const UNSIGNED_RETRY_MAX_MS = 2000;

/** What the registry is asked with. */
export interface RegistryLookUpsParts {
  readonly catalogue: VersionCatalogue;
  readonly tasks: RetriedTasks;
  readonly intake: () => ManifestIntake;
  readonly news: DeploymentNews;
  /** Decides what follows for a deployment. */
  readonly reconcile: (deployment: Deployment) => void;
  /** Tells the gateways the routes. */
  readonly publish: () => void;
}

/** Asks the registry for what manifests leave to it, until it answers. */
export class RegistryLookUps {
  readonly #parts: RegistryLookUpsParts;

  constructor(parts: RegistryLookUpsParts) {
    this.#parts = parts;
  }

  /** Finds the version that a manifest names, where that is not served or tried already. */
  resolveWhenNeeded(deployment: Deployment): void {
    const { desired, state } = deployment.entry;
    const isSettled = desired === undefined || desired.specHash === (state.candidate ?? state.stable)?.desired.specHash;
    if (isSettled || deployment.resolution.kind === 'found') return;
    const { namespace, model, version, ensemble, signedBy } = desired.spec;
    if (ensemble !== undefined) {
      deployment.setResolution({ kind: 'found', servable: servableEnsemble(desired.spec, ensemble, state) });
      return;
    }
    const { catalogue, tasks, news, reconcile } = this.#parts;
    const look = async () => {
      const resolution = await catalogue.resolve(namespace, model, version, signedBy);
      if (deployment.entry.desired?.specHash !== desired.specHash) return true;
      deployment.setResolution(resolution);
      if (resolution.kind === 'missing') {
        const { commit } = desired;
        const { reason: message, isUnsigned = false } = resolution;
        const code = isUnsigned ? 'VERSION_NOT_SIGNED' : 'MODEL_VERSION_NOT_FOUND';
        news.tellOnce(deployment, { severity: 'error', code, message, commit, version });
      }
      // What was found is acted on in the round that follows, together with whatever else was found.
      if (resolution.kind !== 'found') reconcile(deployment);
      return resolution.kind === 'found';
    };
    const task = { what: 'resolve', deploymentKey: deploymentKey(deployment.entry) };
    tasks.run(task, look, signedBy === undefined ? undefined : UNSIGNED_RETRY_MAX_MS);
  }

  /** Finds the version that the alias in a manifest points at. */
  lookUpAlias(key: string, deployment: Deployment): void {
    const { catalogue, tasks, intake, news, reconcile } = this.#parts;
    tasks.run({ what: 'look up the alias of', deploymentKey: key }, async () => {
      const manifest = intake().aliased(key);
      if (manifest === undefined) return true;
      const { namespace, model, alias } = manifest.spec;
      const resolution = await catalogue.resolveAlias(namespace, model, alias);
      // A newer commit came meanwhile: it is looked up in its turn.
      if (intake().aliased(key) !== manifest) return false;
      if (resolution.kind === 'found') intake().takeDesired(key, withVersion(manifest, resolution.servable.version));
      else if (resolution.kind === 'missing') {
        if (deployment.entry.desired === undefined) deployment.setResolution(resolution);
        const { commit } = manifest;
        news.tellOnce(deployment, { severity: 'error', code: 'ALIAS_NOT_FOUND', message: resolution.reason, commit });
      }
      reconcile(deployment);
      return resolution.kind === 'found';
    });
  }

  /** Chooses the versions that are served by name. */
  pinWhenNeeded(deployment: Deployment): void {
    const { desired } = deployment.entry;
    if (desired?.spec.versionPolicy === undefined || !deployment.needsPinning) return;
    const { namespace, model, versionPolicy, signedBy } = desired.spec;
    const { catalogue, tasks, news, publish } = this.#parts;
    tasks.run({ what: 'choose the versions by name of', deploymentKey: deploymentKey(deployment.entry) }, async () => {
      const selection = await catalogue.select(namespace, model, versionPolicy, MAX_PINNED_VERSIONS, signedBy);
      if (deployment.entry.desired !== desired) return true;
      if (selection.kind === 'unknown') return false;
      const { specHash, commit } = desired;
      deployment.setPinned({ specHash, commit, servables: selection.servables });
      for (const event of pinningEvents(selection)) news.tellOnce(deployment, { ...event, commit });
      news.changed(deployment);
      publish();
      return true;
    });
  }
}

/** An ensemble as a version: there is nothing to look up, and each that is tried gets a number that the ones before had not. */
function servableEnsemble(
  { namespace, name }: DeploymentSpec,
  { inputs, outputs }: EnsembleSpec,
  { rolloutCount, stable }: RolloutState,
): ServableVersion {
  const version = Math.max(rolloutCount, stable?.servable.version ?? 0) + 1;
  return { namespace, model: name, version, signature: { inputs, outputs }, variants: [] };
}
