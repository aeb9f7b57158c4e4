import { DomainError } from '#domain/errors';
import {
  addSignature,
  annotate,
  decideStage,
  deprecate,
  initialStatus,
  type ModelName,
  type ModelVersion,
  type Namespace,
  type Remark,
  requestStage,
  restore,
  type Stage,
  tombstone,
  type VersionStatus,
} from '#domain/registry';
import { judgeSignature, type Signers } from '#domain/signing';
import type { Blobs } from './blobs.ts';
import type { ChangeRecord } from './change-record.ts';
import { assertLabels, assertText } from './declaration.ts';
import { objectKeys } from './object-keys.ts';
import { filesOf } from './register-version.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryLookup } from './registry-lookup.ts';

/** Knows what refers to versions from outside the registry. */
export interface VersionUsage {
  /** Deployments that serve a version or are about to, such as `deployment digits`. */
  usersOf(namespace: Namespace, model: ModelName, version: number): Promise<readonly string[]>;
}

/** Names a version. */
export interface VersionName {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly version: number;
}

/** Refuses a change of a version, by throwing; asked in the moment of the change. */
export type PermitGovernance = (version: ModelVersion, status: VersionStatus) => void;

/** Changes what can change about a version: its stage, deprecation, withdrawal, annotations and signatures. */
export class GovernVersions {
  readonly #index: RegistryIndex;
  readonly #lookup: RegistryLookup;
  readonly #changes: ChangeRecord;
  readonly #blobs: Blobs;
  readonly #usage: VersionUsage;

  constructor(index: RegistryIndex, lookup: RegistryLookup, changes: ChangeRecord, blobs: Blobs, usage: VersionUsage) {
    this.#index = index;
    this.#lookup = lookup;
    this.#changes = changes;
    this.#blobs = blobs;
    this.#usage = usage;
  }

  /** Asks for another stage. @throws STAGE_TRANSITION_REFUSED */
  async requestStage(name: VersionName, to: Stage, remark: Remark, permit?: PermitGovernance): Promise<VersionStatus> {
    const approvalStages = this.#index.namespace(name.namespace)?.approvalStages ?? [];
    return this.#change(name, { remark, permit }, (status) => requestStage(status, to, remark, approvalStages));
  }

  /** Approves or rejects the stage that waits. @throws STAGE_TRANSITION_REFUSED */
  async decideStage(
    name: VersionName,
    isApproved: boolean,
    remark: Remark,
    permit?: PermitGovernance,
  ): Promise<VersionStatus> {
    return this.#change(name, { remark, permit }, (status) => decideStage(status, isApproved, remark));
  }

  /** Tells people not to use a version any more, or takes that back. */
  async deprecate(
    name: VersionName,
    isDeprecated: boolean,
    remark: Remark,
    permit?: PermitGovernance,
  ): Promise<VersionStatus> {
    return this.#change(name, { remark, permit }, (status) => deprecate(status, isDeprecated, remark));
  }

  /**
   * Withdraws a version.
   *
   * @throws VERSION_IN_USE while an alias points at it or a deployment refers to it.
   */
  async tombstone(name: VersionName, remark: Remark, permit?: PermitGovernance): Promise<VersionStatus> {
    const { namespace, model, version } = name;
    const { aliases } = await this.#lookup.requireVersion(namespace, model, version);
    const deployments = await this.#usage.usersOf(namespace, model, version);
    const users = [...aliases.map((alias) => `alias ${alias}`), ...deployments];
    return this.#change(name, { remark, permit }, (status) => tombstone(status, remark, users));
  }

  /** Takes a withdrawal back. @throws ARTIFACT_NOT_FOUND when files of the version were removed already. */
  async restore(name: VersionName, remark: Remark, permit?: PermitGovernance): Promise<VersionStatus> {
    const { version } = await this.#lookup.requireVersion(name.namespace, name.model, name.version);
    for (const file of filesOf(version)) {
      if (await this.#blobs.has(file)) continue;
      throw new DomainError('ARTIFACT_NOT_FOUND', `${file.path} of ${name.model}@${name.version} was removed already`);
    }
    return this.#change(name, { remark, permit }, (status) => restore(status, remark));
  }

  /** Sets annotations and removes those whose value is `null`. */
  async annotate(
    name: VersionName,
    edits: Readonly<Record<string, string | null>>,
    remark: Remark,
    permit?: PermitGovernance,
  ): Promise<VersionStatus> {
    const set = Object.entries(edits).filter((entry): entry is [string, string] => entry[1] !== null);
    assertLabels('input.annotations', Object.fromEntries(set));
    return this.#change(name, { remark, permit }, (status) => annotate(status, edits, remark));
  }

  /**
   * Attaches a signature.
   *
   * @param signers who is known here; where nobody is, it is enough that the bundle is about the version.
   * @throws VERSION_SIGNATURE_INVALID, VERSION_SIGNATURES_FULL, VERSION_TOMBSTONED
   */
  async sign(
    name: VersionName,
    bundle: string,
    { remark, signers }: { readonly remark: Remark; readonly signers: Signers },
    permit?: PermitGovernance,
  ): Promise<VersionStatus> {
    const { text } = signers.open(bundle);
    const permitted: PermitGovernance = (version, status) => {
      permit?.(version, status);
      const verdict = judgeSignature(signers, bundle, version);
      if (verdict.kind === 'signed' || (verdict.kind === 'untrusted' && signers.names.length === 0)) return;
      const reference = `${name.model}@${name.version}`;
      throw new DomainError('VERSION_SIGNATURE_INVALID', `this does not sign ${reference}: ${verdict.reason}`);
    };
    return this.#change(name, { remark, permit: permitted }, (status) => addSignature(status, text, remark));
  }

  async #change(
    { namespace, model, version }: VersionName,
    { remark, permit }: { readonly remark: Remark; readonly permit: PermitGovernance | undefined },
    decide: (status: VersionStatus) => VersionStatus | undefined,
  ): Promise<VersionStatus> {
    assertText('input.reason', remark.reason);
    const { version: record } = await this.#lookup.requireVersion(namespace, model, version);
    const untouched = initialStatus(record, record);
    const stored = await this.#changes.change('status', objectKeys.status(namespace, model, version), (current) => {
      permit?.(record, current ?? untouched);
      return decide(current ?? untouched);
    });
    return stored ?? untouched;
  }
}
