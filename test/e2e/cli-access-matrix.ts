import { join } from 'node:path';
import { mayInOwn } from './access-matrix.ts';
import type { Asker } from './access-server.ts';
import type { CommandResult } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';

/** Something that a command must be allowed, and what comes of it where it is not. */
export interface Need {
  readonly action: string;
  readonly otherwise: 'denied' | 'hidden';
  /** Of the installation: no role in a namespace has it. */
  readonly isOfServer?: boolean;
  /** Asked of a gateway, which asks whoever shows nothing for a credential whether there is such a deployment or not. */
  readonly isOfGateway?: boolean;
}

/** What a command asks of its caller, in its order; or that no program is asked. */
export type Asked = readonly Need[] | 'no program';

export interface Row {
  /** Of the command line. `{…}` is filled in. */
  readonly words: string;
  readonly asked: Asked;
  /** What it prints of what may be seen; what may not is left out. */
  readonly lists?: string;
  /** Why it is refused when access was given. */
  readonly refusal?: string;
  /** With which status it fails: where that is 2, 1 is an answer. */
  readonly failure?: 1 | 2;
  /** It goes on until it is interrupted. */
  readonly isEndless?: boolean;
}

const sees = (action: string): Need => ({ action, otherwise: 'hidden' });
const seesAtGateway = (action: string): Need => ({ ...sees(action), isOfGateway: true });
const does = (action: string): Need => ({ action, otherwise: 'denied' });
const onServer = (action: string): Need => ({ action, otherwise: 'denied', isOfServer: true });
const change = (action: string): Asked => [sees('version.read'), does(action)];
const steer = (action: string): Asked => [sees('deployment.read'), does(action)];

const digits1 = join(digitsDirectory, 'digits-1.onnx');
const metadata1 = join(digitsDirectory, 'metadata-1.json');
const pixels = join(digitsDirectory, 'one-digit.json');

/** Every command, some in several ways. */
export const ROWS: readonly Row[] = [
  { words: `model push digits ${digits1} --metadata ${metadata1}`, asked: [does('model.create')] },
  {
    words: `model push digits ${digits1} --metadata ${metadata1} --no-create`,
    asked: [sees('model.read'), does('version.create')],
  },
  { words: 'model import {triton}', asked: [does('model.create')] },
  { words: 'model list --json', asked: [sees('model.read')], lists: 'digits' },
  { words: 'model show digits', asked: [sees('model.read')] },
  { words: 'model show digits@1', asked: [sees('version.read')] },
  { words: 'model alias set matrix digits@1', asked: change('alias.set') },
  { words: 'model show digits@kept', asked: [sees('version.read')] },
  { words: 'model alias delete matrix digits', asked: [sees('model.read'), does('alias.delete')] },
  { words: 'model pull digits@1 {folder}', asked: change('version.download') },
  { words: 'model export kserve digits@1', asked: [sees('version.read')] },
  { words: 'model export oci digits@1 {folder}', asked: change('version.download') },
  { words: 'model find --json', asked: [sees('version.read')], lists: 'digits' },
  { words: 'model history digits --json', asked: [sees('model.read')], lists: 'MODEL_CREATED' },
  { words: 'model stage request digits@1 staging', asked: change('stage.request') },
  { words: 'model stage approve digits@1', asked: change('stage.decide'), refusal: 'STAGE_TRANSITION_REFUSED' },
  { words: 'model stage reject digits@1', asked: change('stage.decide'), refusal: 'STAGE_TRANSITION_REFUSED' },
  { words: 'model deprecate digits@1', asked: change('version.deprecate') },
  { words: 'model undeprecate digits@1', asked: change('version.deprecate') },
  { words: 'model withdraw digits@1', asked: change('version.withdraw') },
  { words: 'model restore digits@1', asked: change('version.withdraw') },
  { words: 'model annotate digits@1 matrix=x', asked: change('version.annotate') },
  { words: 'model sign digits@1 --key {signingKey}', asked: change('version.sign') },
  { words: 'model verify digits@1 --public-key {publicKey}', asked: [sees('version.read')], failure: 2 },
  { words: 'model stages digits', asked: [seesAtGateway('deployment.describe'), does('deployment.read')] },
  { words: 'registry gc --dry-run', asked: [onServer('garbage.collect')] },
  { words: 'registry backup {folder}', asked: 'no program' },
  { words: 'registry restore {backup}', asked: 'no program' },
  { words: 'registry verify', asked: 'no program' },
  { words: 'namespace create default', asked: [does('namespace.create')], refusal: 'NAMESPACE_ALREADY_EXISTS' },
  { words: 'namespace list --json', asked: [sees('namespace.read')], lists: 'default' },
  { words: 'audit verify', asked: 'no program' },
  { words: 'audit list', asked: 'no program' },
  // Who may push is decided by whoever keeps the repository.
  { words: 'deploy digits@2', asked: [sees('version.read')] },
  { words: 'deploy digits --dry-run', asked: [sees('model.read')] },
  { words: 'rollout list --json', asked: [sees('deployment.read')], lists: 'digits' },
  { words: 'rollout status digits', asked: [sees('deployment.read')] },
  { words: 'rollout watch digits', asked: [sees('deployment.read')], lists: 'digits', isEndless: true },
  { words: 'rollout explain digits', asked: [sees('deployment.read')] },
  { words: 'rollout promote digits', asked: steer('deployment.promote'), refusal: 'ROLLOUT_NOT_ACTIVE' },
  { words: 'rollout abort digits', asked: steer('deployment.abort'), refusal: 'ROLLOUT_NOT_ACTIVE' },
  { words: 'rollout skip digits', asked: steer('deployment.skip'), refusal: 'ROLLOUT_NOT_ACTIVE' },
  { words: 'rollout retry digits', asked: steer('deployment.retry'), refusal: 'ROLLOUT_NOT_ACTIVE' },
  {
    words: `infer digits --input pixels=@${pixels}`,
    asked: [seesAtGateway('deployment.describe'), does('deployment.infer')],
  },
  { words: 'plugin new matrix --kind gate --in {plugins}', asked: 'no program' },
  { words: 'plugin check {plugins}/matrix', asked: 'no program' },
  { words: 'plugin list', asked: [onServer('settings.read')] },
  { words: 'runtimes', asked: [onServer('metrics.read')] },
  { words: 'auth whoami', asked: [] },
  { words: 'auth can-i model.read digits', asked: [sees('model.read')], failure: 2 },
  { words: 'auth explain model.read digits', asked: [sees('model.read')], failure: 2 },
  { words: 'auth dry-run {policies}', asked: [onServer('policy.read')], failure: 2 },
  { words: 'auth keys create matrix --workload matrix', asked: [onServer('key.administer')] },
  { words: 'auth keys list', asked: [] },
  { words: 'auth keys list --all', asked: [onServer('key.administer')] },
  { words: 'auth keys revoke {key}', asked: [{ ...onServer('key.administer'), otherwise: 'hidden' }] },
  { words: 'auth actions', asked: 'no program' },
  { words: 'serve', asked: 'no program' },
  { words: 'quickstart', asked: 'no program' },
];

/** What comes of a command. `unauthenticated`: whoever shows nothing is asked for a credential. */
export type Outcome = 'passed' | 'denied' | 'unauthenticated' | 'hidden';

/** What comes of a command by the table of roles. */
export function expected(asked: readonly Need[], { role, isAtHome }: Asker): Outcome {
  const missing = asked.find(({ action, isOfServer }) => isOfServer === true || !isAtHome || !mayInOwn(role, action));
  if (missing === undefined) return 'passed';
  const isAsked = missing.otherwise === 'denied' || missing.isOfGateway === true;
  return role === 'nobody' && isAsked ? 'unauthenticated' : missing.otherwise;
}

/** The code that a command failed with; `undefined` when it says none. */
export function failureOf({ stderr }: CommandResult): string | undefined {
  return /\(([A-Z_]+)\)\n$/.exec(stderr)?.[1];
}

/**
 * What came of a command.
 *
 * @throws Error when that is neither what its row says nor a refusal.
 */
export function outcomeOf(
  row: Pick<Row, 'lists' | 'refusal' | 'failure'>,
  result: CommandResult,
  isStranger = false,
): Outcome {
  const { exitCode, stdout } = result;
  const isAnswer = exitCode === 0 || (row.failure === 2 && exitCode === 1);
  if (isAnswer) return row.lists === undefined || stdout.includes(row.lists) ? 'passed' : 'hidden';
  const code = failureOf(result) ?? '';
  const isFailure = exitCode === (row.failure ?? 1) && stdout === '';
  if (isFailure && code === 'ACCESS_DENIED') return 'denied';
  if (isFailure && code === 'UNAUTHENTICATED' && isStranger) return 'unauthenticated';
  if (isFailure && /^(MODEL|MODEL_VERSION|DEPLOYMENT|API_KEY)_NOT_FOUND$/.test(code)) return 'hidden';
  if (isFailure && code === row.refusal) return 'passed';
  throw new Error(`exit status ${exitCode}: ${result.stderr}`);
}
