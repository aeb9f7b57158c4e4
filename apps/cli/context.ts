import type { ControllerClient } from '#adapters/controller-client';
import type { GrpcInferenceClient, RestInferenceClient } from '#adapters/inference-client';
import type { ManifestRepository } from '#adapters/manifest-repository';
import type { RegistryClient } from '#adapters/registry-client';
import type { Endpoints } from './endpoints.ts';

/** What the commands work with. Clients are made when a command asks for one, from the global options. */
export interface CliContext {
  registry(): RegistryClient;
  gateway(): RestInferenceClient;
  gatewayGrpc(address: string): GrpcInferenceClient;
  controller(): ControllerClient;
  /** The same with other servers. */
  at(endpoints: Endpoints): CliContext;
  /** @param url overrides the global option. */
  repository(url: string | undefined, branch: string): ManifestRepository;
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
