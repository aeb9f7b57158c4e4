import type { DesiredDeployment } from './deployment-spec.ts';

/** What a specification asks to serve, whatever else it says: two with one identity ask for the same bytes. */
export function versionIdentity({ spec: { model, version, variants, ensemble } }: DesiredDeployment): string {
  return JSON.stringify([model, version, variants ?? null, ensemble ?? null]);
}
