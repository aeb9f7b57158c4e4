export { createEmbeddedRepository, type EmbeddedRepositoryOptions } from './embedded-repository.ts';
export { GitManifestSource, type GitSourceOptions } from './git-manifest-source.ts';
export { type ListedSource, readSourcesFile } from './sources-file.ts';
