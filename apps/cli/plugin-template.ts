import { INTERFACE_OF_KIND, type PluginKind } from '#domain/plugin';
import { type PluginTemplate, TENSOR_TYPE } from './plugin-template-form.ts';
import { RUNTIME } from './runtime-template.ts';

/** The files of a plugin that works, by name. */
export function pluginTemplate(name: string, kind: PluginKind): Readonly<Record<string, string>> {
  const { config, types, code, test } = TEMPLATES[kind];
  const manifest = {
    name,
    version: '0.1.0',
    interface: INTERFACE_OF_KIND[kind],
    kind,
    entry: 'index.ts',
    description: `The ${kind} ${name}.`,
    config,
  };
  return {
    'slipway-plugin.json': `${JSON.stringify(manifest, undefined, 2)}\n`,
    'interface.ts': `/** What the host and a plugin say to each other; interface ${INTERFACE_OF_KIND[kind]}. */\n${types}`,
    'index.ts': code,
    'index.test.ts': test,
  };
}

const PROCESSOR_TYPES = `${TENSOR_TYPE}
export interface ProcessorCall {
  /** As clients name it. */
  readonly deployment: string;
  readonly version: number;
  readonly tensors: readonly Tensor[];
}
`;

const PROCESSOR: PluginTemplate = {
  config: { type: 'object', properties: { factor: { type: 'number' } }, additionalProperties: false },
  types: PROCESSOR_TYPES,
  code: `import type { ProcessorCall, Tensor } from './interface.ts';

let factor = 1;

/** Called once, before any call. What it throws is told, and the plugin is not used. */
export async function init(config: { readonly factor?: number }): Promise<void> {
  factor = config.factor ?? 1;
}

/** Multiplies the elements of FP32 tensors. An error with the code INPUT_INVALID is the client's, any other one the plugin's. */
export async function execute({ tensors }: ProcessorCall): Promise<Tensor[]> {
  return tensors.map((tensor) => {
    if (!(tensor.data instanceof Float32Array)) return tensor;
    if (tensor.data.some(Number.isNaN)) {
      throw Object.assign(new Error(\`\${tensor.name} holds NaN\`), { code: 'INPUT_INVALID' });
    }
    return { ...tensor, data: tensor.data.map((value) => value * factor) };
  });
}

/** Called once, when the host shuts down. */
export async function shutdown(): Promise<void> {}
`,
  test: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute, init } from './index.ts';

const call = (values: number[]) => ({
  deployment: 'digits',
  version: 1,
  tensors: [{ name: 'x', datatype: 'FP32', shape: [values.length], data: new Float32Array(values) }],
});

test('multiplies elements', async () => {
  await init({ factor: 2 });
  const [tensor] = await execute(call([1, 2]));
  assert.deepEqual(tensor?.data, new Float32Array([2, 4]));
});

test('refuses NaN as a mistake of the client', async () => {
  await assert.rejects(execute(call([Number.NaN])), { code: 'INPUT_INVALID' });
});
`,
};

const GATE: PluginTemplate = {
  config: { type: 'object', properties: { tolerance: { type: 'number' } }, additionalProperties: false },
  types: `
export interface Observed {
  readonly requests: number;
  /** Those that failed for the server's reasons. */
  readonly serverErrors: number;
  /** Those of them that the stable version answered instead. */
  readonly fallbacks: number;
  /** Milliseconds; absent before there is an answer. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface JudgedVersion {
  readonly version: number;
  /** Absent where the manifest names none. */
  readonly variants?: readonly string[];
  readonly observed: Observed;
}

export interface GateCall {
  readonly namespace: string;
  readonly deployment: string;
  readonly candidate: JudgedVersion;
  /** Absent while a deployment tries its first version. */
  readonly stable?: JudgedVersion;
  readonly rolloutId: string;
  /** The candidate's share of the traffic, 0 to 100. */
  readonly weightPercent: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** From the gate in the manifest. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Verdict {
  /** \`hold\`: nothing is promoted or rolled back until the next answer. */
  readonly verdict: 'pass' | 'fail' | 'hold';
  /** One sentence; it becomes part of events and of the rollback's commit. */
  readonly reason: string;
}
`,
  code: `import type { GateCall, Observed, Verdict } from './interface.ts';

let tolerance = 0.05;

/** Called once, before any call. What it throws is told, and the plugin is not used. */
export async function init(config: { readonly tolerance?: number }): Promise<void> {
  tolerance = config.tolerance ?? 0.05;
}

/** Fails a candidate that errs more often than stable and a tolerance; waits while there is nothing to go by. */
export async function execute({ candidate, stable }: GateCall): Promise<Verdict> {
  if (candidate.observed.requests === 0) return { verdict: 'hold', reason: 'nobody has asked the candidate yet' };
  const [share, usual] = [errorShare(candidate.observed), errorShare(stable?.observed)];
  const told = \`\${percent(share)} of the candidate's requests fail, \${percent(usual)} of stable's\`;
  return { verdict: share > usual + tolerance ? 'fail' : 'pass', reason: told };
}

/** Called once, when the host shuts down. */
export async function shutdown(): Promise<void> {}

function errorShare(observed: Observed | undefined): number {
  return observed === undefined || observed.requests === 0 ? 0 : observed.serverErrors / observed.requests;
}

function percent(share: number): string {
  return \`\${(share * 100).toFixed(1)} %\`;
}
`,
  test: `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute, init } from './index.ts';

const version = (number: number, serverErrors: number) => ({
  version: number,
  observed: { requests: 100, serverErrors, fallbacks: 0 },
});
const call = (candidateErrors: number) => ({
  namespace: 'default',
  deployment: 'digits',
  candidate: version(2, candidateErrors),
  stable: version(1, 1),
  rolloutId: 'digits-2',
  weightPercent: 10,
  startedAt: '2026-01-01T00:00:00.000Z',
  options: {},
});

test('fails a candidate that errs more often', async () => {
  await init({ tolerance: 0.05 });
  assert.equal((await execute(call(10))).verdict, 'fail');
});

test('passes one that does not', async () => {
  assert.equal((await execute(call(2))).verdict, 'pass');
});
`,
};

const AUTH_SOURCE: PluginTemplate = {
  config: {
    type: 'object',
    required: ['badges'],
    additionalProperties: false,
    properties: {
      badges: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['id'],
          additionalProperties: false,
          properties: { id: { type: 'string' }, groups: { type: 'array', items: { type: 'string' } } },
        },
      },
    },
  },
  types: `
export interface AuthCall {
  /** What came after \`Bearer\`. Do not print it. */
  readonly credential: string;
}

export interface Principal {
  readonly id: string;
  /** Default: user. */
  readonly kind?: 'user' | 'workload';
  readonly groups?: readonly string[];
  /** That policies can compare with. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** When the credential ends, in milliseconds since the epoch. Default: it is asked about again every minute. */
  readonly validUntilMs?: number;
}
`,
  code: `import { createHash } from 'node:crypto';
import type { AuthCall, Principal } from './interface.ts';

interface Config {
  /** Who comes with a badge, by the SHA-256 of that in hexadecimal: no secret is in the configuration. */
  readonly badges: Readonly<Record<string, Principal>>;
}

let badges: ReadonlyMap<string, Principal> = new Map();

/** Called once, before any call. What it throws is told, and the plugin is not used. */
export async function init(config: Config): Promise<void> {
  badges = new Map(Object.entries(config.badges));
}

/** Whom a credential names; \`null\` when this plugin does not know it. What it throws lets nobody in. */
export async function execute({ credential }: AuthCall): Promise<Principal | null> {
  return badges.get(createHash('sha256').update(credential).digest('hex')) ?? null;
}

/** Called once, when the host shuts down. */
export async function shutdown(): Promise<void> {}
`,
  test: `import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { execute, init } from './index.ts';

const digest = createHash('sha256').update('badge-7').digest('hex');

test('names who comes with a badge', async () => {
  await init({ badges: { [digest]: { id: 'ann', groups: ['staff'] } } });
  assert.deepEqual(await execute({ credential: 'badge-7' }), { id: 'ann', groups: ['staff'] });
});

test('knows nobody else', async () => {
  assert.equal(await execute({ credential: 'badge-8' }), null);
});
`,
};

const TEMPLATES: Readonly<Record<PluginKind, PluginTemplate>> = {
  preprocessor: PROCESSOR,
  postprocessor: PROCESSOR,
  gate: GATE,
  'auth-source': AUTH_SOURCE,
  runtime: RUNTIME,
};
