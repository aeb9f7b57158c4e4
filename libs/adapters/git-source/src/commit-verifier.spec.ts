import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ManifestParser } from '#application/rollout';
import { GitRepository } from '../../../../test/servers/git-repository.ts';
import { requireProgram } from '../../../../test/servers/system-program.ts';
import { GitManifestSource, type GitSourceOptions } from './index.ts';

/** Keys of OpenSSH and of GnuPG, made by the programs themselves: a test of signatures without them would show nothing. */
let keys: string;
let repository: GitRepository;
let signers: string;
const parser: ManifestParser = {
  parse: (text) => [
    {
      kind: 'deployment',
      spec: { namespace: 'default', name: 'digits', version: Number(/version: (\d+)/.exec(text)?.[1]) } as never,
      specHash: text.includes('version: 3') ? 'rejected' : 'other',
    },
  ],
};

const sshKey = (name: string) => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)]);
};
const publicKey = (name: string) => readFileSync(join(keys, `${name}.pub`), 'utf8');
const gpg = (...args: string[]) =>
  execFileSync('gpg', ['--homedir', join(keys, 'gnupg'), '--batch', '--quiet', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  });

beforeAll(async () => {
  await requireProgram('gpg', ['gnupg']);
  await requireProgram('ssh-keygen', ['openssh-client']);
  // GnuPG's agent listens in its folder, and takes no path of more than 107 bytes.
  keys = mkdtempSync(join(tmpdir(), 'keys-'));
  for (const name of ['ann', 'mallory', 'slipway']) sshKey(name);
  execFileSync('mkdir', ['-m', '700', join(keys, 'gnupg')]);
  for (const name of ['bob', 'eve']) {
    gpg('--passphrase', '', '--quick-generate-key', `${name} <${name}@example.com>`, 'ed25519', 'sign', 'never');
  }
  writeFileSync(join(keys, 'bob.asc'), gpg('--armor', '--export', 'bob@example.com'));
}, 120_000);
afterAll(() => {
  execFileSync('gpgconf', ['--homedir', join(keys, 'gnupg'), '--kill', 'all']);
  rmSync(keys, { recursive: true, force: true });
});
beforeEach(() => {
  repository = new GitRepository();
  signers = join(repository.folder, 'allowed-signers');
  writeFileSync(signers, `ann@example.com ${publicKey('ann')}slipway@localhost ${publicKey('slipway')}`);
});
afterEach(() => repository.remove());

function open(mode: 'head' | 'every', over: Partial<GitSourceOptions> = {}): GitManifestSource {
  return new GitManifestSource(
    {
      url: repository.url,
      branch: 'main',
      path: '',
      mirrorDir: join(repository.folder, 'mirror.git'),
      author: { name: 'Slipway', email: 'slipway@localhost' },
      verification: { mode, allowedSigners: signers, keyring: join(keys, 'bob.asc') },
      ...over,
    },
    parser,
  );
}

function commitBy(signer: string | undefined, text: string, file = 'digits.yaml'): string {
  const signed: Record<string, string[]> = {
    ssh: ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${join(keys, signer ?? '')}`],
    gpg: ['-c', `user.signingKey=${signer}@example.com`],
  };
  const kind = signer === 'bob' || signer === 'eve' ? 'gpg' : 'ssh';
  writeFileSync(join(repository.clone, file), text);
  repository.git('add', '--all');
  const commit = ['commit', '--quiet', '--message', 'A change'];
  if (signer === undefined) repository.git(...commit);
  else {
    const wrapper = join(keys, 'gpg-of-test');
    writeFileSync(wrapper, `#!/bin/sh\nexec gpg --homedir ${join(keys, 'gnupg')} "$@"\n`);
    chmodSync(wrapper, 0o755);
    repository.git('-c', `gpg.program=${wrapper}`, ...(signed[kind] ?? []), ...commit, '-S');
  }
  repository.push();
  return repository.git('rev-parse', 'HEAD');
}

async function inForce(source: GitManifestSource) {
  const { files, notices = [], commit } = await source.poll();
  const content = files.find(({ path }) => path === 'digits.yaml')?.content;
  return { commit, text: content?.kind === 'text' ? content.text : undefined, notices };
}

describe.each(['head', 'every'] as const)('a source that asks for signatures (%s)', (mode) => {
  it.each([
    ['SSH', 'ann'],
    ['OpenPGP', 'bob'],
  ])('takes a commit that is signed by %s', async (_, signer) => {
    const commit = commitBy(signer, 'version: 1');
    expect(await inForce(open(mode))).toEqual({ commit, text: 'version: 1', notices: [] });
  });

  it.each([
    ['not signed', undefined, /is not signed/],
    ['signed with an SSH key that is not listed', 'mallory', /is signed by SHA256:\S+, whose signature does not count/],
    [
      'signed with an OpenPGP key that is not in the keyring',
      'eve',
      /is signed by [0-9A-F]{16,}, whose key is not known/,
    ],
  ])('keeps what is in force when a commit is %s, also after a restart', async (_, signer, reason) => {
    const good = commitBy('ann', 'version: 1');
    const source = open(mode);
    await source.poll();
    const bad = commitBy(signer, 'version: 2');
    for (const asking of [source, open(mode)]) {
      const { commit, text, notices } = await inForce(asking);
      expect([commit, text]).toEqual([good, 'version: 1']);
      expect(notices).toEqual([
        {
          code: 'COMMIT_NOT_VERIFIED',
          severity: 'error',
          commit: bad,
          message: expect.stringMatching(reason),
          paths: ['digits.yaml'],
        },
      ]);
    }
  });

  it('takes nothing at all from a branch whose first commit is not signed', async () => {
    commitBy(undefined, 'version: 1');
    const { commit, text, notices } = await inForce(open(mode));
    expect([commit, text]).toEqual([undefined, undefined]);
    expect(notices[0]?.message).toMatch(/is not signed; nothing of it is taken/);
  });

  it('refuses a commit whose content was changed after it was signed', async () => {
    const good = commitBy('ann', 'version: 1');
    const signed = repository.git('cat-file', 'commit', good);
    const forged = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
      cwd: repository.clone,
      input: `${signed.replace('A change', 'Another change')}\n`,
      encoding: 'utf8',
    }).trim();
    repository.push(`+${forged}:main`);
    const { commit, notices } = await inForce(open(mode));
    expect(commit).toBeUndefined();
    expect(notices[0]?.message).toMatch(/has a signature .* that does not fit/);
  });
});

it('looks at the newest commit alone, or at each since the last accepted one', async () => {
  commitBy('ann', 'version: 1');
  const head = open('head', { mirrorDir: join(repository.folder, 'head.git') });
  const every = open('every', { mirrorDir: join(repository.folder, 'every.git') });
  await Promise.all([head.poll(), every.poll()]);
  const unsigned = commitBy(undefined, 'version: 2');
  commitBy('ann', 'a: 1', 'other.yaml');
  expect(await inForce(head)).toMatchObject({ text: 'version: 2', notices: [] });
  expect(await inForce(every)).toMatchObject({ text: 'version: 1', notices: [{ commit: unsigned }] });
});

it('takes what it refused as soon as the signer is listed, and refuses the next when that is undone', async () => {
  commitBy('mallory', 'version: 1');
  const source = open('head');
  expect((await inForce(source)).text).toBeUndefined();
  const before = readFileSync(signers, 'utf8');
  writeFileSync(signers, `${before}mallory@example.com ${publicKey('mallory')}`);
  expect((await inForce(source)).text).toBe('version: 1');
  writeFileSync(signers, before);
  utimesSync(signers, new Date(), new Date(Date.now() + 5000));
  commitBy('mallory', 'version: 2');
  expect((await inForce(source)).text).toBe('version: 1');
});

it('says that it cannot judge when the file of signers is gone', async () => {
  commitBy('ann', 'version: 1');
  rmSync(signers);
  await expect(open('head').poll()).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: expect.stringContaining('allowed-signers cannot be read'),
  });
});

it('refuses to ask for signatures while nobody may sign', () => {
  expect(() => open('head', { verification: { mode: 'head' } })).toThrow(/set SLIPWAY_GIT_ALLOWED_SIGNERS/);
});

it('signs its own rollbacks, so that they pass', async () => {
  commitBy('ann', 'spec: {version: 3}');
  const source = open('every', { signingKey: join(keys, 'slipway') });
  await source.poll();
  const rejectedCommit = repository.git('rev-parse', 'HEAD');
  const rollback = { namespace: 'default', name: 'digits', file: 'digits.yaml', mode: 'commit' as const };
  const versions = { from: { version: 3 }, to: { version: 2 }, rejectedSpecHash: 'rejected', rejectedCommit };
  const written = await source.commitRollback({ ...rollback, ...versions, reason: 'it failed', trailers: {} });
  expect(written.kind).toBe('committed');
  expect(await inForce(source)).toMatchObject({ text: 'spec: {version: 2}', notices: [] });
});
