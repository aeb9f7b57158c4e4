import { commitFiles } from './commit-manifest.ts';

/**
 * Commits manifests as a person does.
 *
 * @param manifests what stands below `kind: ModelDeployment`, by file name; the others stay as they are.
 */
export function commitManifests(server: { readonly git: string }, manifests: Readonly<Record<string, string>>): void {
  const head = 'apiVersion: slipway.dev/v1\nkind: ModelDeployment\n';
  const files = Object.entries(manifests).map(([file, text]) => [file, `${head}${text}`]);
  commitFiles(server.git, Object.fromEntries(files), 'A change');
}
