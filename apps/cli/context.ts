import type { ControllerClient } from '#adapters/controller-client';
import type { GrpcInferenceClient, RestInferenceClient } from '#adapters/inference-client';
import type { ManifestRepository } from '#adapters/manifest-repository';
import type { ArchiveFile, ExportedVariant, ImageDescription } from '#adapters/model-export';
import type { LocalModel } from '#adapters/model-layout';
import type { RegistryClient } from '#adapters/registry-client';
import type { AuditQuery, AuditReport, ExpectedHead, ListedEntry } from '#application/audit';
import type { CopyProgress, CopyReport, VerifyReport } from '#application/registry';
import type { PluginManifest } from '#domain/plugin';
import type { ModelFormat } from '#domain/registry';
import type { SignedStatement, Signers } from '#domain/signing';
import type { Endpoints } from './endpoints.ts';

/** What the commands work with. Clients are made when a command asks for one, from the global options. */
export interface CliContext {
  registry(): RegistryClient;
  gateway(): RestInferenceClient;
  gatewayGrpc(address: string): GrpcInferenceClient;
  controller(): ControllerClient;
  /** The same with other servers. */
  at(endpoints: Endpoints): CliContext;
  readonly exports: ModelExports;
  readonly signing: ModelSigning;
  readonly buckets: Buckets;
  /** How models lie on this machine. */
  readonly localModels: LocalModels;
  readonly localPlugins: LocalPlugins;
  /** Whether there is a policy in a file, right or wrong. */
  holdsPolicy(text: string): boolean;
  /** @param url overrides the global option. */
  repository(url: string | undefined, branch: string): ManifestRepository;
}

/** Looks after the registry's bucket without the registry. */
export interface Buckets {
  backup(folder: string, progress: CopyProgress): Promise<CopyReport>;
  restore(folder: string, progress: CopyProgress): Promise<CopyReport>;
  /** @param folder a backup; without one, the bucket itself. */
  verify(
    folder: string | undefined,
    isQuick: boolean,
    onProgress: (what: string, done: number, total: number) => void,
  ): Promise<VerifyReport>;
  /** Checks the audit log of the bucket, or of a backup. */
  verifyAudit(
    folder: string | undefined,
    expected: readonly ExpectedHead[],
    onProgress: (prefix: string, batches: number) => void,
  ): Promise<AuditReport>;
  /** The newest entries of the audit log that are asked for, the newest first. */
  listAudit(folder: string | undefined, query: AuditQuery): Promise<readonly ListedEntry[]>;
}

/** Writes versions in the forms of other systems. */
export interface ModelExports {
  readonly kserveArchivePath: (variant: ExportedVariant) => string;
  readonly kserveManifest: (variant: ExportedVariant, name: string, storageUri: string) => string;
  readonly writeOciLayout: (
    folder: string,
    description: ImageDescription,
    files: readonly ArchiveFile[],
  ) => Promise<string>;
}

/** Signs versions, and knows those who do. */
export interface ModelSigning {
  /** @param where names the key in messages. @returns a Sigstore bundle. @throws INPUT_INVALID when the key cannot be used */
  sign(statement: SignedStatement, privateKey: string, where: string): string;
  /** @throws INPUT_INVALID naming all that is wrong in the file */
  signersIn(path: string): Promise<Signers>;
  /** @param name of the one signer. @throws INPUT_INVALID when the key cannot be used */
  signerOf(publicKey: string, name: string): Signers;
}

/** Reads plugins from the disk. */
export interface LocalPlugins {
  /** What a plugin says of itself, and the digest of its folder. @throws INPUT_INVALID, PLUGIN_INVALID */
  check(path: string): Promise<{ readonly manifest: PluginManifest; readonly digest: string }>;
}

/** Reads models from the disk. */
export interface LocalModels {
  /** @throws INPUT_INVALID */
  read(path: string, format?: ModelFormat): Promise<LocalModel>;
  /** Names of the models in a Triton repository. */
  modelsIn(repository: string): Promise<string[]>;
}

/** Where the servers are: options, then the environment, then a running all-in-one, then its default ports. */
export interface GlobalOptions {
  readonly registry?: string;
  readonly gateway?: string;
  readonly controller?: string;
  readonly repo?: string;
  readonly verbose?: boolean;
}

/** How manifests are written. */
export interface ManifestTexts {
  newManifest(options: {
    readonly namespace: string;
    readonly name: string;
    readonly model: string;
    readonly version: number;
    readonly strategy: string | undefined;
  }): string;
  manifestWithVersion(text: string, file: string, version: number): string;
}
