import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { FoundVersion, RegistryClient } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import { judgeSignature, referenceOf, type SignableVersion, type SignatureVerdict, statementOf } from '#domain/signing';
import type { CliContext } from '../context.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult } from '../output.ts';
import { answerByStatus, STATUSES, withStatuses } from './exit-status.ts';

interface SignOptions {
  readonly namespace: string;
  readonly key?: string;
  readonly bundle?: string;
  readonly output?: string;
  readonly json?: boolean;
}

interface VerifyOptions {
  readonly namespace: string;
  readonly signers?: string;
  readonly publicKey?: string;
  readonly bundle?: string;
  readonly json?: boolean;
}

const namespaceOption = () => new Option('-n, --namespace <name>', 'namespace of the model').default('default');

/** `slipway model sign` and `slipway model verify` */
export function registerSigningCommands(model: Command, context: CliContext): void {
  registerSign(model, context);
  registerVerify(model, context);
}

function registerSign(model: Command, context: CliContext): void {
  model
    .command('sign')
    .description('sign a version with a key, or attach a signature that was made elsewhere')
    .argument('<model@version>', 'name@version or name@alias')
    .addOption(namespaceOption())
    .option('--key <file>', 'private key in PEM (Ed25519, or ECDSA with P-256, P-384 or P-521); it stays here')
    .option('--bundle <file>', 'a Sigstore bundle of OpenSSF Model Signing, instead of a key')
    .option('-o, --output <file>', 'write the bundle to a file, and attach nothing')
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText(
      'after',
      '\nExample:\n  $ openssl genpkey -algorithm ed25519 -out release.key' +
        '\n  $ openssl pkey -in release.key -pubout -out release.pub\n  $ slipway model sign digits@3 --key release.key',
    )
    .action(async (reference: string, options: SignOptions) => {
      const { key, bundle: bundlePath, output } = options;
      if ((key === undefined) === (bundlePath === undefined) || (bundlePath !== undefined && output !== undefined)) {
        throw new DomainError('INPUT_INVALID', 'give --key (with or without --output), or --bundle');
      }
      const registry = context.registry();
      const version = await requireVersion(registry, options.namespace, reference);
      const bundle =
        key === undefined
          ? await readText(bundlePath ?? '')
          : context.signing.sign(statementOf(signableOf(version)), await readText(key), key);
      const name = referenceOf(version);
      if (output !== undefined) {
        await writeFile(output, `${bundle}\n`);
        printResult(options.json, { version: name, bundle: output }, () => `the signature of ${name} is in ${output}`);
        return;
      }
      const { namespace, model: modelName, version: number } = version;
      const input = { namespace, model: modelName, version: number, bundle: bundle.trim() };
      const signed = await registry.call('signVersion', { input });
      printResult(options.json, signed.signatures, () => {
        const attached = signed.signatures.find((signature) => bytesIn(signature.bundle) === bytesIn(input.bundle));
        const by = attached?.signer ?? `key ${(attached?.keyId ?? '').slice(0, 16)}`;
        return `${name} is signed by ${by}`;
      });
    });
}

function registerVerify(model: Command, context: CliContext): void {
  const verify = model
    .command('verify')
    .description("check a version's signatures with keys that you have")
    .argument('<model@version>', 'name@version or name@alias')
    .addOption(namespaceOption())
    .option('--signers <file>', 'signers and their public keys, as for SLIPWAY_SIGNERS')
    .option('--public-key <file>', 'a public key in PEM, instead')
    .option('--bundle <file>', 'a signature in a file, instead of those that the version has')
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText('after', STATUSES('somebody of them has signed this version', 'nobody has'))
    .action((reference: string, options: VerifyOptions) =>
      answerByStatus(async () => {
        const { signers: signersPath, publicKey } = options;
        if ((signersPath === undefined) === (publicKey === undefined)) {
          throw new DomainError('INPUT_INVALID', 'give one of --signers and --public-key');
        }
        const signers =
          publicKey === undefined
            ? await context.signing.signersIn(signersPath ?? '')
            : context.signing.signerOf(await readText(publicKey), publicKey);
        const version = await requireVersion(context.registry(), options.namespace, reference);
        const bundles =
          options.bundle === undefined
            ? version.signatures.map(({ bundle }) => bundle)
            : [await readText(options.bundle)];
        const verdicts = bundles.map((bundle) => judgeSignature(signers, bundle, signableOf(version)));
        const name = referenceOf(version);
        printResult(options.json, { version: name, signatures: verdicts }, () => inWords(name, verdicts));
        return verdicts.some(({ kind }) => kind === 'signed');
      }),
    );
  withStatuses(verify);
}

/** The signature itself. The registry has taken the bundle, so it is there. */
function bytesIn(bundle: string): string {
  return (JSON.parse(bundle) as { dsseEnvelope: { signatures: [{ sig: string }] } }).dsseEnvelope.signatures[0].sig;
}

function inWords(name: string, verdicts: readonly SignatureVerdict[]): string {
  if (verdicts.length === 0) return `${name} has no signature`;
  return verdicts
    .map((verdict) =>
      verdict.kind === 'signed'
        ? `${name} is signed by ${verdict.signer} (key ${verdict.keyId.slice(0, 16)})`
        : `not counted: ${verdict.reason}`,
    )
    .join('\n');
}

/** What the registry says that the version consists of. Whoever pulls it checks the bytes by these digests. */
function signableOf({ namespace, model, version, variants }: FoundVersion): SignableVersion {
  return {
    namespace,
    model,
    version,
    variants: variants.map(({ target, precision, files }) => ({
      target: target.toLowerCase(),
      precision: precision.toLowerCase(),
      files,
    })),
  };
}

async function requireVersion(registry: RegistryClient, namespace: string, reference: string): Promise<FoundVersion> {
  const { name, which } = parseModelReference(reference);
  if (which === undefined) throw new DomainError('INPUT_INVALID', `say which version, such as ${name}@3`);
  const found = await registry.version(namespace, name, which);
  if (found !== null) return found;
  throw new DomainError('MODEL_VERSION_NOT_FOUND', `there is no ${reference} in namespace ${namespace}`);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new DomainError('INPUT_INVALID', `${path} cannot be read: ${(error as Error).message}`);
  }
}
