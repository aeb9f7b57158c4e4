export { type ManifestChange, type ManifestCommit, ManifestRepository } from './manifest-repository.ts';
export { manifestWithVersion, newManifest } from './manifest-text.ts';
