import type { DesiredRoute, HostedModel, ModelHost, ModelToHost, ServedVersion, SlotParts } from '#application/serving';
import { DomainError, type ErrorCode } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS, type ModelSignature, type Tensor } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { NO_SIGNERS } from './no-signers.ts';

const SIGNATURE: ModelSignature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
};

/**
 * A version of model `m` with one file of one byte.
 *
 * @param fileNumber under which a {@link ScriptedHost} knows the file; another one than the version's for another build of it.
 */
export function servedVersion(version: number, over: Partial<ServedVersion> = {}, fileNumber = version): ServedVersion {
  const digest = `sha256:${String(fileNumber).padStart(64, '0')}` as Digest;
  const files = [{ path: 'm.onnx', digest, sizeBytes: 1 }];
  return {
    model: 'm',
    version,
    build: fileNumber === version ? `m@${version}` : `m@${version} cpu/${fileNumber}`,
    signature: SIGNATURE,
    variants: [{ target: 'cpu', precision: 'fp32', format: 'onnx', files }],
    ...over,
  };
}

/** A deployment of model `m` that serves version 1, under a name of its own. */
export function desiredRoute(over: Partial<DesiredRoute> = {}): DesiredRoute {
  return {
    namespace: 'default',
    name: 'm',
    stable: servedVersion(1),
    candidate: undefined,
    candidateWeightPercent: 0,
    rolloutId: '',
    fallbackToStable: true,
    deadlineMs: 1000,
    maxConcurrency: 8,
    serving: DEFAULT_SERVING_OPTIONS,
    ...over,
  };
}

/** Lets everything happen that is only waiting for its turn. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function asOutputs(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((tensor) => ({ ...tensor, name: 'y' }));
}

/** Runners whose models do what a test says, by the number of their file, which is the version's as a rule, and a clock that it sets. It stands for the outside at its ports. */
export class ScriptedHost implements ModelHost {
  /** Versions in the order in which loading them began. */
  readonly loads: number[] = [];
  /** Versions in the order in which their runners were ended. */
  readonly closed: number[] = [];
  readonly loadErrors = new Map<number, ErrorCode>();
  readonly runErrors = new Map<number, ErrorCode>();
  /** What versions answer; the others give back what came in. */
  readonly answers = new Map<number, (inputs: readonly Tensor[]) => readonly Tensor[]>();
  /** Runs wait for this. */
  running: Promise<void> | undefined;
  /** Loads wait for this. */
  readonly holds = new Map<number, Promise<void>>();
  readonly lose = new Map<number, (reason: string) => void>();
  /** Tasks that were put off, for the test to run. */
  readonly delayed: { readonly delayMs: number; readonly task: () => void }[] = [];
  /** What each version takes in memory, once it is loaded. */
  readonly residentBytes = new Map<number, number>();
  /** Measuring waits for this. */
  measuring: Promise<void> | undefined;
  /** Inputs of every run, by version. */
  readonly runs: { readonly version: number; readonly inputs: readonly Tensor[] }[] = [];
  nowMs = 0;
  /** What ensembles call. */
  callModel: SlotParts['ensembles']['callModel'] = async (modelName) => {
    throw new Error(`nobody answers for ${modelName}`);
  };

  readonly parts: SlotParts = {
    artifacts: { materialise: async ([file]) => String(Number(file?.digest.slice(7))) },
    host: this,
    signers: NO_SIGNERS,
    ensembles: { callModel: (modelName, call) => this.callModel(modelName, call), random01: () => 0 },
    fingerprint: (parts) => JSON.stringify(parts.map(String)),
    soon: (task) => task(),
    monotonicMs: () => this.nowMs,
    observeRun: () => {},
    after: (delayMs, task) => {
      const entry = { delayMs, task };
      this.delayed.push(entry);
      return () => {
        const at = this.delayed.indexOf(entry);
        if (at >= 0) this.delayed.splice(at, 1);
      };
    },
    nowMs: () => this.nowMs,
  };

  readonly cores = 1;

  canRun(): boolean {
    return true;
  }

  async load({ modelPath, onLost }: ModelToHost): Promise<HostedModel> {
    const version = Number(modelPath);
    this.loads.push(version);
    await this.holds.get(version);
    const failure = this.loadErrors.get(version);
    if (failure !== undefined) throw new DomainError(failure, `version ${version} cannot be loaded`);
    this.lose.set(version, onLost);
    return {
      profile: { intraOpThreads: 1, runMs: 1, isRowIndependent: false },
      freeRuns: 1,
      run: async (request) => {
        const inputs = request.inputs.map(({ pieces, ...input }) => ({ ...input, data: joinPieces(pieces) }));
        this.runs.push({ version, inputs });
        const runFailure = this.runErrors.get(version);
        if (runFailure !== undefined) throw new DomainError(runFailure, `version ${version} fails`);
        await this.running;
        const answer = this.answers.get(version) ?? asOutputs;
        return { outputs: answer(inputs), runMs: 1 };
      },
      residentBytes: async () => {
        await this.measuring;
        return this.residentBytes.get(version);
      },
      close: async () => void this.closed.push(version),
    };
  }

  /** Runs what was put off by so much. */
  pass(delayMs: number): void {
    const due = this.delayed.filter((entry) => entry.delayMs === delayMs);
    for (const entry of due) {
      this.delayed.splice(this.delayed.indexOf(entry), 1);
      entry.task();
    }
  }
}
