import { type Resource, resource } from '#domain/access';
import type { JournalEntry } from './rollout-journal.ts';

/**
 * A deployment as policies see it: by what Git says of it, or, where the manifest was never valid, by what is served.
 *
 * It has a `target` for each that the manifest names by its variants, and none where all that are registered may serve.
 */
export function deploymentResource({ namespace, name, labels, desired, state }: JournalEntry): Resource {
  const spec = desired?.spec ?? state.stable?.desired.spec;
  const target = spec?.variants && [...new Set(spec.variants.map((variant) => variant.split('/')[0] ?? variant))];
  return resource('deployment', { namespace, deployment: name, model: spec?.model, target }, labels);
}
