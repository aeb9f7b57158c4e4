import { type PluginTemplate, TENSOR_TYPE } from './plugin-template-form.ts';

/** A runtime for the models that XGBoost saves as JSON. */
export const RUNTIME: PluginTemplate = {
  config: {
    type: 'object',
    properties: { maxTrees: { type: 'integer', minimum: 1 } },
    additionalProperties: false,
  },
  types: `${TENSOR_TYPE}
export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  /** -1 for an axis whose size the request chooses. */
  readonly shape: readonly number[];
}

/** A version that is to be run. */
export interface Model {
  readonly format: string;
  /** The hardware that its variant is for, such as \`cpu\`. */
  readonly target: string;
  readonly precision: string;
  /** As the version was registered with. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** The first one is the one that is opened. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** The bytes of a file of the version; without a path of the first one. */
  read(path?: string): Uint8Array;
}

export interface Run {
  /** Those of the version, of the datatypes that it says, in shapes that fit. */
  readonly tensors: readonly Tensor[];
  /** What is asked for; an answer may have more. */
  readonly outputNames: readonly string[];
  /** Milliseconds after which the process is ended. */
  readonly limitMs: number;
}
`,
  code: `import type { Model, Run, Tensor } from './interface.ts';

/** A tree as XGBoost saves it: what its nodes are, in arrays by node. A node without children is a leaf. */
interface Tree {
  readonly left_children: readonly number[];
  readonly right_children: readonly number[];
  /** The feature that a node looks at. */
  readonly split_indices: readonly number[];
  /** A row goes left with less than this; for a leaf, what it adds. */
  readonly split_conditions: readonly number[];
  /** Whether a row without the feature goes left. */
  readonly default_left: readonly number[];
}

/** https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html */
interface SavedModel {
  readonly learner: {
    readonly objective: { readonly name: string };
    readonly learner_model_param: {
      readonly base_score: string;
      readonly num_class: string;
      readonly num_feature: string;
    };
    readonly gradient_booster: {
      readonly name: string;
      readonly model: { readonly trees: readonly Tree[]; readonly tree_info: readonly number[] };
    };
  };
}

/** What becomes of the sums of a row, and of base scores to begin the sums with. */
interface Objective {
  readonly answer: (sums: number[]) => number[];
  readonly start: (score: number) => number;
}

const same = <T>(value: T) => value;
const OBJECTIVES: Readonly<Record<string, Objective>> = {
  'reg:squarederror': { answer: same, start: same },
  'binary:logistic': {
    answer: (sums) => sums.map((sum) => 1 / (1 + Math.exp(-sum))),
    start: (score) => Math.log(score / (1 - score)),
  },
  'multi:softprob': { answer: softmax, start: same },
};

let maxTrees = 10_000;
let features = 0;
let trees: readonly Tree[] = [];
let classOfTree: readonly number[] = [];
let base: readonly number[] = [0];
let objective: Objective = { answer: same, start: same };
let output: Model['outputs'][number] | undefined;

/** Called once, before anything else. What it throws keeps the version from being ready. */
export async function init(config: { readonly maxTrees?: number }): Promise<void> {
  maxTrees = config.maxTrees ?? maxTrees;
}

/** Called once: a process holds one version. What it throws keeps the version from being ready. */
export async function load(model: Model): Promise<void> {
  const { learner } = JSON.parse(new TextDecoder().decode(model.read())) as SavedModel;
  const { objective: saved, learner_model_param: parameters, gradient_booster: booster } = learner;
  const known = OBJECTIVES[saved.name];
  if (known === undefined) {
    throw new Error(\`the objective \${saved.name} is none of \${Object.keys(OBJECTIVES).join(', ')}\`);
  }
  if (booster.name !== 'gbtree') throw new Error(\`the booster \${booster.name} is not gbtree\`);
  trees = booster.model.trees;
  if (trees.length > maxTrees) throw new Error(\`it has \${trees.length} trees, and maxTrees is \${maxTrees}\`);
  features = Number(parameters.num_feature);
  const [input] = model.inputs;
  output = model.outputs[0];
  if (input?.datatype !== 'FP32' || input.shape[1] !== features || output?.datatype !== 'FP32')
    throw new Error(\`it must be registered with an input FP32 [-1, \${features}] and an output FP32\`);
  classOfTree = booster.model.tree_info;
  objective = known;
  const scores = JSON.parse(parameters.base_score.replace(/^[^[].*/, '[$&]')) as number[];
  const classes = Math.max(1, Number(parameters.num_class));
  base = Array.from({ length: classes }, (_, index) => known.start(scores[index] ?? scores[0] ?? 0));
}

/** Called for each run, one at a time. An error with the code INPUT_INVALID is the client's, any other one the plugin's. */
export async function execute({ tensors: [input] }: Run): Promise<Tensor[]> {
  const values = input?.data as Float32Array;
  const rows = values.length / features;
  const rowAt = (row: number) => values.subarray(row * features, (row + 1) * features);
  const answers = Array.from({ length: rows }, (_, row) => predict(rowAt(row)));
  const shape = output?.shape.length === 1 ? [rows] : [rows, base.length];
  return [{ name: output?.name ?? '', datatype: 'FP32', shape, data: Float32Array.from(answers.flat()) }];
}

/** Called once, when the version is not wanted any more and nothing runs. */
export async function shutdown(): Promise<void> {}

function predict(row: Float32Array): number[] {
  const sums = [...base];
  for (const [index, tree] of trees.entries()) {
    const at = classOfTree[index] ?? 0;
    sums[at] = (sums[at] ?? 0) + leafOf(tree, row);
  }
  return objective.answer(sums);
}

function leafOf(tree: Tree, row: Float32Array): number {
  let node = 0;
  for (let left = tree.left_children[0]; left !== undefined && left >= 0; left = tree.left_children[node]) {
    const value = row[tree.split_indices[node] ?? 0] ?? Number.NaN;
    const isLeft = Number.isNaN(value)
      ? Boolean(tree.default_left[node])
      : value < Math.fround(tree.split_conditions[node] ?? 0);
    node = isLeft ? left : (tree.right_children[node] ?? 0);
  }
  return tree.split_conditions[node] ?? 0;
}

function softmax(sums: number[]): number[] {
  const highest = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
`,
  test: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute, init, load } from './index.ts';

/** One tree that asks whether the second feature is less than 0.5: 2 if it is, or is missing, and -1 if not. */
const saved = {
  learner: {
    objective: { name: 'reg:squarederror' },
    learner_model_param: { base_score: '[1E0]', num_class: '0', num_feature: '2' },
    gradient_booster: {
      name: 'gbtree',
      model: {
        tree_info: [0],
        trees: [
          {
            left_children: [1, -1, -1],
            right_children: [2, -1, -1],
            split_indices: [1, 0, 0],
            split_conditions: [0.5, 2, -1],
            default_left: [1, 0, 0],
          },
        ],
      },
    },
  },
};
const model = (columns: number) => ({
  format: 'xgboost-json',
  target: 'cpu',
  precision: 'fp32',
  inputs: [{ name: 'rows', datatype: 'FP32', shape: [-1, columns] }],
  outputs: [{ name: 'score', datatype: 'FP32', shape: [-1] }],
  files: [{ path: 'model.json', sizeBytes: 1000 }],
  read: () => new TextEncoder().encode(JSON.stringify(saved)),
});

test('adds what the leaves of a row say', async () => {
  await init({});
  await load(model(2));
  const data = Float32Array.from([0, 0.25, 0, 0.5, 0, Number.NaN]);
  const rows = { name: 'rows', datatype: 'FP32', shape: [3, 2], data };
  const [score] = await execute({ tensors: [rows], outputNames: ['score'], limitMs: 1000 });
  assert.deepEqual(score, { name: 'score', datatype: 'FP32', shape: [3], data: Float32Array.from([3, 0, 3]) });
});

test('refuses a version that was registered with another input', async () => {
  await assert.rejects(load(model(3)), /an input FP32 \\[-1, 2\\]/);
});
`,
};
