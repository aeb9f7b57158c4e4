import type { DesiredRoute, ServedVersion, ServingSnapshot } from './serving-snapshot.ts';

/**
 * A slot is one build with its files in one deployment: another choice of variants is another slot, and so is another choice of runners, or
 * of those who have to have signed it, or of the plugins around it: what serves goes on as it is until that is ready.
 */
export function slotKey(
  { namespace, name, serving }: DesiredRoute,
  { build, variants, signing }: ServedVersion,
): string {
  const digests = variants.flatMap((variant) => variant.files.map((file) => file.digest.slice(7, 19)));
  const { instances = 'auto', intraOpThreads = 'auto', processing } = serving;
  const signers = signing === undefined ? '' : ` signed by ${signing.signedBy.join()}`;
  const { preprocess = [], postprocess = [] } = processing ?? {};
  const around = processing === undefined ? '' : ` ${preprocess.join('+')}>${postprocess.join('+')}`;
  return `${namespace}/${name} ${build} ${digests.join('+')} ${instances}x${intraOpThreads}${signers}${around}`;
}

/** Whether a deployment serves an ensemble, or is about to. */
export function isEnsemble(deployment: DesiredRoute): boolean {
  return mainVersions(deployment).some(({ ensemble }) => ensemble !== undefined);
}

/** What a deployment answers with. */
export function mainVersions({ stable, candidate }: DesiredRoute): ServedVersion[] {
  return [stable, candidate].filter((served) => served !== undefined);
}

/** What it serves by name beside that. */
export function pinnedVersions(deployment: DesiredRoute): ServedVersion[] {
  const main = mainVersions(deployment).map(({ version }) => version);
  return (deployment.pinned ?? []).filter(({ version }) => !main.includes(version));
}

/** The keys of the versions of all deployments that are chosen. */
export function keysOf(
  { deployments }: ServingSnapshot,
  versionsOf: (deployment: DesiredRoute) => ServedVersion[],
): string[] {
  return deployments.flatMap((deployment) => versionsOf(deployment).map((served) => slotKey(deployment, served)));
}
