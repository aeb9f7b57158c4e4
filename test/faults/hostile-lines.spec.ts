import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { jsonBody } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { internalsIn } from './told-internals.ts';

const MODEL = 'identity-bytes';
const folder = mkdtempSync(join(tmpdir(), 'slipway-lines-'));
const accessLog = join(folder, 'access.log');
/** What a line that somebody made up would have. */
const FORGED = 'forged-1f2e3d';
let serving: ServingFixture;

beforeAll(async () => {
  serving = await startServing({ SLIPWAY_GATEWAY_ACCESS_LOG: 'all', SLIPWAY_GATEWAY_ACCESS_LOG_PATH: accessLog });
  await serving.controller.serve([await serving.deployment(MODEL)]);
});
afterAll(async () => {
  await serving?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Ends of lines, and what terminals obey. */
const BREAKS = [
  '\n',
  '\r',
  '\r\n',
  '\u2028',
  '\u2029',
  '\u0085',
  '\u0000',
  '\u001b[2J\u001b[31m',
  '\u0008\u0008',
  '\ufeff',
  '"}\n{"',
];

it('line breaks and control characters in what is asked make no lines of their own, in logs, headers and metrics', async () => {
  const answers: string[] = [];
  for (const text of BREAKS.map((end) => `x${end}{"level":"info","log":"access","model":"${FORGED}"}${end}`)) {
    const encoded = encodeURIComponent(text);
    const body = jsonBody([{ name: 'given', datatype: 'BYTES', shape: [1, 1], data: [text] }]);
    const asked = await Promise.all([
      serving.caller.infer(encoded, body),
      serving.caller.infer(`${MODEL}/versions/${encoded}`, body),
      serving.caller.infer(MODEL, {
        ...body,
        bytes: Buffer.from(
          JSON.stringify({ id: text, inputs: [{ name: text, datatype: text, shape: [1], data: [text] }] }),
        ),
      }),
      serving.caller.infer(MODEL, {
        ...body,
        bytes: Buffer.from(JSON.stringify({ id: text, ...JSON.parse(body.bytes.toString()) })),
      }),
      serving.caller.get(`/v2/models/${encoded}?x=${encoded}`),
      serving.caller.get(`/${encoded}`),
    ]);
    for (const { status, body: answer } of asked) {
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
      answers.push(answer.toString());
    }
  }
  expect(answers.map((answer) => internalsIn(answer)).filter((found) => found !== undefined)).toEqual([]);

  const read = async () => readFileSync(accessLog, 'utf8').split('\n').slice(0, -1);
  const lines = await eventually('all of them are logged', read, (found) => found.length >= BREAKS.length * 4);
  expect(lines).toHaveLength(BREAKS.length * 4);
  const entries = lines.map((line) => JSON.parse(line) as { model: string });
  expect(entries.filter(({ model }) => model === FORGED)).toEqual([]);
  const logged = serving.gateway.log.split('\n').slice(0, -1);
  for (const line of [...lines, ...logged]) {
    expect(() => JSON.parse(line), line).not.toThrow();
    // JSON escapes all that ends a line or begins an order to a terminal.
    expect([...line].filter((character) => character < ' ' || character === '\u007f')).toEqual([]);
  }
  const metrics = (await serving.caller.get('/metrics')).body.toString().split('\n').slice(0, -1);
  expect(metrics.filter((line) => !/^(# |[a-zA-Z_:][\w:]*(\{.*\})? [-+\w.]+$)/.test(line))).toEqual([]);
  expect(metrics.join('\n')).not.toContain(FORGED);
});
