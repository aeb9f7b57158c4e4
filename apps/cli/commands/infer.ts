import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { JsonTensor } from '#adapters/inference-client';
import { DomainError } from '#domain/errors';
import type { TensorSpec } from '#domain/inference';
import type { CliContext } from '../context.ts';
import { printResult } from '../output.ts';

interface InferOptions {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]) => [...all, value];

/** `slipway infer` */
export function registerInferCommand(program: Command, context: CliContext): void {
  program
    .command('infer')
    .description('run an inference')
    .argument('<model>', 'name of the deployment, or name@version for one of its versions')
    .requiredOption(
      '--input <name=data>',
      'JSON data, or @file with {datatype, shape, data} or data (repeatable)',
      collect,
      [],
    )
    .option('--output <name>', 'an output to ask for; default: all (repeatable)', collect, [])
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ slipway infer digits --input pixels=@one-digit.json --output label')
    .action(async (reference: string, options: InferOptions) => {
      const [model = '', version] = reference.split('@');
      const gateway = context.gateway();
      const { inputs: specs } = await gateway.metadata(model, version);
      const answer = await gateway.infer(model, {
        inputs: options.input.map((text) => parseInput(text, specs)),
        ...(version === undefined ? {} : { version }),
        ...(options.output.length === 0 ? {} : { outputs: options.output }),
      });
      printResult(options.json, answer, () =>
        [
          `${model}@${answer.modelVersion}${answer.isFallback ? ' (answered by stable: the candidate failed)' : ''}`,
          ...answer.outputs.map(({ name, shape, data }) => `${name} [${shape.join(',')}]: ${shorten(data)}`),
        ].join('\n'),
      );
      gateway.close();
    });
}

/** Fills in datatype and shape from the model's own description where they are left out. */
function parseInput(text: string, specs: readonly TensorSpec[]): JsonTensor {
  const at = text.indexOf('=');
  const name = at < 1 ? text : text.slice(0, at);
  const spec = specs.find((candidate) => candidate.name === name);
  if (at < 1 || spec === undefined) {
    const known = specs.map((candidate) => candidate.name).join(', ');
    throw new DomainError(
      'INPUT_INVALID',
      `--input ${JSON.stringify(name)} must be <name>=<data>, with a name of: ${known}`,
    );
  }
  const value = readJson(text.slice(at + 1), name);
  const tensor: Partial<JsonTensor> = Array.isArray(value) ? { data: value } : value;
  const data = (tensor.data ?? []).flat(Number.POSITIVE_INFINITY);
  return { name, datatype: tensor.datatype ?? spec.datatype, shape: tensor.shape ?? shapeFor(spec, data.length), data };
}

function readJson(text: string, name: string): object {
  try {
    const value: unknown = JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new DomainError('INPUT_INVALID', `input ${name} cannot be read: ${(error as Error).message}`);
  }
  throw new DomainError('INPUT_INVALID', `input ${name} must be a JSON array, or an object with data`);
}

/** The model's shape with its first free axis as large as the data makes it, and any other of size 1. */
function shapeFor({ shape }: TensorSpec, elements: number): number[] {
  const fixed = shape.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  const free = shape.indexOf(-1);
  return shape.map((size, axis) => (size !== -1 ? size : axis === free ? Math.floor(elements / fixed) : 1));
}

function shorten(data: readonly unknown[]): string {
  const shown = data
    .slice(0, 20)
    .map((value) => (typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value)));
  return `${shown.join(', ')}${data.length > shown.length ? `, … (${data.length} in all)` : ''}`;
}
