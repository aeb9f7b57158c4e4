export {
  type DeclaredDraft,
  type DraftFile,
  type ListedModel,
  type ModelPage,
  RegistryClient,
  type VersionToDeclare,
} from './registry-client.ts';
