import {
  type Branch,
  branchesOf,
  type CombineStep,
  chooseByCondition,
  chooseByWeight,
  describeType,
  type EnsembleSpec,
  type EnsembleStep,
  fits,
  inputsOf,
  type ModelStep,
  type ProcessingStep,
  processStep,
  type Scalar,
  type SplitterStep,
  type SwitchStep,
  scalarOf,
} from '#domain/ensemble';
import { DomainError, type ErrorCode, isDomainError } from '#domain/errors';
import { rowsOf, type Tensor } from '#domain/inference';
import { unitHash } from '#domain/routing';
import { beforeDeadline } from './before-deadline.ts';
import { callKey, type Fingerprint } from './call-key.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import type { Timing } from './timing.ts';
import { type Givers, giversOf, type PlacedStep, ValueScope } from './value-scope.ts';

/** A call of an ensemble to one of the deployments that it names. */
export interface MemberCall
  extends Pick<InferenceCall, 'inputs' | 'outputNames' | 'deadlineAtMs' | 'priority' | 'sequence'> {
  /** In the ensemble's namespace. */
  readonly deployment: string;
  /** `undefined` leaves the choice to the deployment's route. */
  readonly version: number | undefined;
}

/** What an ensemble takes from outside. */
export interface EnsembleParts {
  /**
   * Calls a deployment as a client does. Past the call's deadline nobody waits for it any more, which says nothing against the deployment.
   */
  readonly callMember: (call: MemberCall) => Promise<InferenceRun>;
  /** Uniform in [0, 1). */
  readonly random01: () => number;
  readonly fingerprint: Fingerprint;
  readonly timing: Timing;
}

/**
 * Runs an ensemble: each step as soon as what it takes is there, those that do not wait for each other at once, all of them within one
 * deadline. What no wanted output depends on does not run.
 *
 * A step that fails takes along what depends on it, up to a `combine` that has answers enough without it.
 */
export class EnsembleRunner implements InferenceRunner {
  readonly #spec: EnsembleSpec;
  readonly #parts: EnsembleParts;
  readonly #givers: Givers;
  readonly #giversOfBranches = new Map<Branch, Givers>();

  /** @param spec that planning found nothing wrong with. */
  constructor(spec: EnsembleSpec, parts: EnsembleParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#givers = giversOf(spec.steps, '');
  }

  /**
   * Answers a request.
   *
   * @returns `batchSize` is the request's rows, `runMs` the time from its first step to its last.
   * @throws what a member throws, naming the step; TENSOR_INVALID when a step cannot take what it gets; INPUT_INVALID when a switch
   *   has no branch for the request; DEADLINE_EXCEEDED; MODEL_RUN_FAILED when an output is not such as it is declared
   */
  async run(call: InferenceCall): Promise<InferenceRun> {
    const { timing } = this.#parts;
    const startedMs = timing.monotonicMs();
    const given = new Map(call.inputs.map((tensor) => [tensor.name, tensor]));
    const scope = new ValueScope(this.#givers, async (name) => required(given, name), this.#runStepOf(call));
    const answer = Promise.all(call.outputNames.map((name) => this.#output(name, scope)));
    const outputs = await beforeDeadline(answer, call.deadlineAtMs, 'the answer of the ensemble', timing);
    const runMs = timing.monotonicMs() - startedMs;
    const rows = rowsOf(this.#spec.inputs, call.inputs);
    return { outputs, rows, batchSize: rows, queueMs: 0, runMs };
  }

  async #output(name: string, scope: ValueScope): Promise<Tensor> {
    const output = await scope.value(name);
    const declared = this.#spec.outputs.find((spec) => spec.name === name);
    if (declared !== undefined && fits(output, declared)) return output;
    const wanted = declared === undefined ? 'nothing' : describeType(declared);
    throw new DomainError(
      'MODEL_RUN_FAILED',
      `the ensemble declares "${name}" as ${wanted}, it is ${describeType(output)}`,
    );
  }

  #runStepOf(call: InferenceCall) {
    const runStep = async (placed: PlacedStep, scope: ValueScope): Promise<readonly Tensor[]> => {
      const { step, path } = placed;
      switch (step.kind) {
        case 'model':
          return this.#runModel(step, `${path}.model`, call, scope);
        case 'splitter':
          return this.#runBranch(this.#split(step, path, call), placed, scope, runStep);
        case 'switch':
          return this.#runBranch(await this.#choose(step, path, call, scope), placed, scope, runStep);
        case 'combine': {
          const answers = await this.#answersOf(step, path, scope);
          return this.#process(step, path, answers, call);
        }
        default: {
          const inputs = await Promise.all(inputsOf(step).map(({ value }) => scope.value(value)));
          return this.#process(step, path, inputs, call);
        }
      }
    };
    return runStep;
  }

  async #runModel(step: ModelStep, path: string, call: InferenceCall, scope: ValueScope): Promise<readonly Tensor[]> {
    const { deployment, version, timeoutMs } = step;
    const { callMember, timing } = this.#parts;
    const inputs = await Promise.all(
      step.inputs.map(async ({ tensor, value }) => ({ ...(await scope.value(value)), name: tensor })),
    );
    const outputNames = step.outputs.map(({ tensor }) => tensor);
    const { deadlineAtMs, priority, sequence } = call;
    const startedAtMs = timing.monotonicMs();
    const patienceAtMs = timeoutMs === undefined ? deadlineAtMs : Math.min(deadlineAtMs, startedAtMs + timeoutMs);
    const tell = (run: InferenceRun | undefined, error: unknown) =>
      call.onStep?.({ path, deployment, startedAtMs, endedAtMs: timing.monotonicMs(), run, error });
    try {
      const member = callMember({
        deployment,
        version,
        inputs,
        outputNames,
        deadlineAtMs: patienceAtMs,
        priority,
        sequence,
      });
      const run = await beforeDeadline(member, patienceAtMs, 'the answer', timing);
      tell(run, undefined);
      const { outputs } = run;
      return step.outputs.map(({ value }, index) => {
        const output = outputs[index];
        if (output === undefined) throw new Error(`${deployment} has not given ${outputNames[index]}`);
        return { ...output, name: value };
      });
    } catch (error) {
      tell(undefined, error);
      throw failureOf(error, `${path}, ${deployment}`);
    }
  }

  #process(
    step: ProcessingStep,
    path: string,
    inputs: readonly (Tensor | undefined)[],
    call: InferenceCall,
  ): readonly Tensor[] {
    const { monotonicMs } = this.#parts.timing;
    const startedAtMs = monotonicMs();
    const tell = (error: unknown) =>
      call.onStep?.({
        path: `${path}.${step.kind}`,
        deployment: undefined,
        startedAtMs,
        endedAtMs: monotonicMs(),
        run: undefined,
        error,
      });
    try {
      const outputs = processStep(step, inputs);
      tell(undefined);
      return outputs;
    } catch (error) {
      tell(error);
      throw failureOf(error, path);
    }
  }

  #split(step: SplitterStep, path: string, call: InferenceCall): Branch {
    const { random01, fingerprint } = this.#parts;
    if (step.by === 'chance') return chooseByWeight(step, random01());
    // Together with its place, so that one splitter says nothing of what another one does.
    return chooseByWeight(step, unitHash(`${path} ${callKey('', { ...call, outputNames: [] }, fingerprint)}`));
  }

  async #choose(step: SwitchStep, path: string, call: InferenceCall, scope: ValueScope): Promise<Branch> {
    const { on } = step;
    const looked = on.kind === 'value' ? await scope.value(on.name) : call.parameter?.(on.name);
    return within(`${path}.switch`, () =>
      chooseByCondition(step, on.kind === 'value' ? scalarOf(looked as Tensor) : scalarFrom(looked)),
    );
  }

  async #runBranch(
    branch: Branch,
    { step, path }: PlacedStep,
    around: ValueScope,
    runStep: (placed: PlacedStep, scope: ValueScope) => Promise<readonly Tensor[]>,
  ): Promise<readonly Tensor[]> {
    let givers = this.#giversOfBranches.get(branch);
    if (givers === undefined) {
      givers = giversOf(branch.steps, `${path}.${pathOfBranch(step, branch)}`);
      this.#giversOfBranches.set(branch, givers);
    }
    const scope = new ValueScope(givers, around.value, runStep);
    return Promise.all(
      branch.outputs.map(async ({ tensor, value }) => ({ ...(await scope.value(value)), name: tensor })),
    );
  }

  /** In the order of the inputs; `undefined` for those whose steps have failed. */
  async #answersOf(step: CombineStep, path: string, scope: ValueScope): Promise<readonly (Tensor | undefined)[]> {
    const answers = await Promise.allSettled(step.inputs.map((name) => scope.value(name)));
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    const cameCount = answers.length - failures.length;
    if (cameCount < step.minAnswers) {
      const counts = `${cameCount} of ${answers.length} answers came, ${step.minAnswers} are needed`;
      throw failureOf(failures[0], `${path}.combine, ${counts}`);
    }
    return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : undefined));
  }
}

function within<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failureOf(error, path);
  }
}

/** What the client is told of a failure inside, with the step's place; fields that a member named are not the client's. */
function failureOf(error: unknown, place: string): unknown {
  if (!isDomainError(error)) return error;
  return new DomainError(codeOf(error), `${place}: ${error.message}`, {}, { cause: error });
}

/** The client has named neither the member nor its time: that one is gone, or out of it, is not about the request. */
function codeOf({ code, kind }: DomainError): ErrorCode {
  if (kind === 'not-found') return 'MODEL_VERSION_NOT_READY';
  return code === 'REQUEST_TIMED_OUT' ? 'DEADLINE_EXCEEDED' : code;
}

function pathOfBranch(step: EnsembleStep, branch: Branch): string {
  return branchesOf(step).find((placed) => placed.branch === branch)?.path ?? '';
}

function scalarFrom(parameter: unknown): Scalar {
  if (typeof parameter === 'bigint') return Number(parameter);
  const isScalar = typeof parameter === 'string' || typeof parameter === 'number' || typeof parameter === 'boolean';
  return isScalar ? parameter : undefined;
}

function required(given: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = given.get(name);
  if (tensor === undefined) throw new Error(`the request has no "${name}"`);
  return tensor;
}
