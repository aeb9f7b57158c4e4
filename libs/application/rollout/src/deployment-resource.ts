import { type Resource, resource } from '#domain/access';
import type { DeploymentAttributes } from '#domain/routing';
import type { JournalEntry } from './rollout-journal.ts';

/** What policies know of a deployment: by what Git says of it, or, where the manifest was never valid, by what is served. */
export function deploymentAttributes({ labels = {}, desired, state }: JournalEntry): DeploymentAttributes {
  const spec = desired?.spec ?? state.stable?.desired.spec;
  const targets = (spec?.variants ?? []).map((variant) => variant.split('/')[0] ?? variant);
  return { model: spec?.model, targets: [...new Set(targets)], labels };
}

/** A deployment as policies see it. */
export function deploymentResource(entry: JournalEntry): Resource {
  const { model, targets, labels } = deploymentAttributes(entry);
  const target = targets.length === 0 ? undefined : targets;
  return resource('deployment', { namespace: entry.namespace, deployment: entry.name, model, target }, labels);
}
