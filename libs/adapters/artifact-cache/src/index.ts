export { ArtifactCache } from './artifact-cache.ts';
