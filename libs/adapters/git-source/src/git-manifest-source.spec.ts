import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ManifestParser, RollbackCommit } from '#application/rollout';
import { createEmbeddedRepository, GitManifestSource, type GitSourceOptions } from './index.ts';

/** Enough of a parser to tell one specification from another: the version is its hash. */
const parser: ManifestParser = {
  parse: (text) =>
    text.split('---\n').map((document) => {
      const version = Number(/version: +(\d+)/.exec(document)?.[1]);
      const name = /name: (\w+)/.exec(document)?.[1];
      return { kind: 'deployment', spec: { namespace: 'default', name, version }, specHash: `v${version}` } as never;
    }),
};

const manifest = (name: string, version: number) =>
  `# ${name}, by hand\nmetadata: {name: ${name}}\nspec:\n  version:   ${version}   # the line that changes\n`;

let folder: string;
let repository: string;
let clone: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
    cwd: clone,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
const commit = (path: string, text: string) => {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
  git('add', '--all');
  git('commit', '--quiet', '--message', `Change ${path}`);
  return git('rev-parse', 'HEAD');
};
const push = (target = 'HEAD:main') => git('push', '--quiet', 'origin', target);
const open = (path = '', mirror = 'mirror') =>
  new GitManifestSource(
    {
      url: repository,
      branch: 'main',
      path,
      mirrorDir: join(folder, `${mirror}.git`),
      author: { name: 'Slipway', email: 'slipway@localhost' },
    },
    parser,
  );
const rollbackOf = (over: Partial<RollbackCommit> = {}): RollbackCommit => ({
  namespace: 'default',
  name: 'digits',
  file: 'digits.yaml',
  mode: 'commit',
  rejectedCommit: 'c'.repeat(40),
  from: { version: 3 },
  to: { version: 2 },
  rejectedSpecHash: 'v3',
  reason: '4 of 16 requests failed',
  trailers: { 'Slipway-Rollout-Id': 'r7' },
  ...over,
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-source-'));
  repository = join(folder, 'deployments.git');
  clone = join(folder, 'clone');
  await createEmbeddedRepository(repository, { branch: 'main' });
  mkdirSync(clone);
  git('clone', '--quiet', repository, '.');
});

describe('GitManifestSource.poll', () => {
  it('reads manifests with the commit that touched each last', async () => {
    const first = commit('digits.yaml', manifest('digits', 1));
    const second = commit('team/other.yml', manifest('other', 1));
    commit('README.md', 'no manifest');
    push();
    const { files, commit: head } = await open().poll();
    expect(head).toBe(git('rev-parse', 'HEAD'));
    expect(files.map(({ path, commit: at }) => [path, at])).toEqual([
      ['digits.yaml', first],
      ['team/other.yml', second],
    ]);
    expect(files[0]?.content).toEqual({ kind: 'text', text: manifest('digits', 1) });
  });

  it('sees a new commit at the next poll, and gives the same revision while nothing changes', async () => {
    commit('digits.yaml', manifest('digits', 1));
    push();
    const source = open();
    const first = await source.poll();
    expect(await source.poll()).toBe(first);
    commit('digits.yaml', manifest('digits', 2));
    push();
    expect((await source.poll()).files[0]?.content).toMatchObject({ text: manifest('digits', 2) });
  });

  it('looks only below its folder', async () => {
    commit('prod/digits.yaml', manifest('digits', 1));
    commit('production/digits.yaml', manifest('digits', 2));
    push();
    expect((await open('prod').poll()).files.map(({ path }) => path)).toEqual(['prod/digits.yaml']);
  });

  it('refuses symbolic links, submodules and large files without following or reading them', async () => {
    symlinkSync('/etc/passwd', join(clone, 'link.yaml'));
    commit('large.yaml', `# ${'x'.repeat(1024 * 1024)}\n`);
    git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD')},module.yaml`);
    git('commit', '--quiet', '--message', 'A submodule');
    push();
    const { files } = await open().poll();
    expect(files.map(({ path, content }) => [path, content.kind === 'refused' && content.reason.slice(0, 20)])).toEqual(
      [
        ['large.yaml', 'more than 1048576 by'],
        ['link.yaml', 'a symbolic link is n'],
        ['module.yaml', 'a submodule is not r'],
      ],
    );
  });

  it.each(['..', '.git', '.'])('refuses a file below a folder that is called %j, which no git makes', async (name) => {
    commit('digits.yaml', manifest('digits', 1));
    const blob = git('rev-parse', 'HEAD:digits.yaml');
    const tree = (mode: string, path: string, hash: string) =>
      execFileSync('git', ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
        cwd: clone,
        input: Buffer.concat([Buffer.from(`${mode} ${path}\0`), Buffer.from(hash, 'hex')]),
        encoding: 'utf8',
      }).trim();
    const evil = tree('40000', name, tree('100644', 'digits.yaml', blob));
    push(`${git('commit-tree', '-p', 'HEAD', '-m', 'Evil', evil)}:main`);
    expect((await open().poll()).files).toMatchObject([
      {
        path: `${name}/digits.yaml`,
        content: { kind: 'refused', reason: expect.stringContaining('leads somewhere else') },
      },
    ]);
  });

  it('tells of manifests that change on other branches only', async () => {
    // Not through the embedded repository's hooks, which refuse such a push: any other server takes it.
    commit('digits.yaml', manifest('digits', 1));
    push();
    const stray = commit('digits.yaml', manifest('digits', 2));
    execFileSync('git', ['--git-dir', repository, 'fetch', '--quiet', clone, `${stray}:refs/heads/feature`]);
    const { strays, files } = await open().poll();
    expect(strays).toEqual([{ branch: 'feature', commit: stray, paths: ['digits.yaml'] }]);
    expect(files[0]?.content).toMatchObject({ text: manifest('digits', 1) });
  });

  it('says that the repository cannot be read when it is gone, and goes on when it is back', async () => {
    commit('digits.yaml', manifest('digits', 1));
    push();
    const source = open();
    await source.poll();
    execFileSync('mv', [repository, `${repository}-away`]);
    await expect(source.poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    execFileSync('mv', [`${repository}-away`, repository]);
    expect((await source.poll()).files).toHaveLength(1);
  });

  it('removes the locks that a killed git left in its mirror', async () => {
    await open().poll();
    writeFileSync(join(folder, 'mirror.git/config.lock'), '');
    mkdirSync(join(folder, 'mirror.git/refs/remotes/source'), { recursive: true });
    writeFileSync(join(folder, 'mirror.git/refs/remotes/source/main.lock'), '');
    commit('digits.yaml', manifest('digits', 1));
    push();
    expect((await open().poll()).files).toHaveLength(1);
  });

  const openAt = (over: Partial<GitSourceOptions>) => {
    const author = { name: 'a', email: 'b' };
    const options = { url: 'x', branch: 'main', path: '', mirrorDir: join(folder, 'm.git'), author, ...over };
    return () => new GitManifestSource(options, parser);
  };

  it.each([
    'ext::sh -c true',
    'EXT::sh -c true',
    'Ext::sh -c true',
    'fd::17/foo',
    'transport::x',
    '--upload-pack=touch /tmp/x',
    '-c',
    '-u',
    'http://plain.example.com/x.git',
    'HTTP://plain.example.com/x.git',
    'ftp://example.com/x.git',
    'git://example.com/x.git',
    'ssh://-oProxyCommand=touch%20x/y',
    'ssh://git@-oProxyCommand=touch%20x/y',
    'git@-oProxyCommand=touch x:y',
    'https://-x.example.com/x.git',
    'https://example.com/x.git\r\n[core]\r\nfsmonitor = touch x',
    'https://example.com/x\0.git',
    '',
  ])('refuses %j as a repository', (url) => {
    expect(openAt({ url })).toThrow(/is not a path, nor an https or ssh URL/);
  });

  it.each(['-c', '--upload-pack=x', 'a..b', 'a b', 'main\r\n', 'main:x', 'x.lock', '@{-1}', '^main', 'refs/../x', ''])(
    'refuses %j as a branch',
    (branch) => expect(openAt({ branch })).toThrow(/is not a branch's name/),
  );

  it.each(['/etc', '../x', 'a/../../x', '-c', '..'])('refuses %j as a folder', (path) => {
    expect(openAt({ path })).toThrow(/is not a folder inside the repository/);
  });

  it('runs nothing that a repository, or the configuration of the machine, names', async () => {
    const ran = join(folder, 'ran');
    const program = join(folder, 'program.sh');
    writeFileSync(program, `#!/bin/sh\ntouch ${ran}\nexit 0\n`, { mode: 0o755 });
    commit('digits.yaml', manifest('digits', 1));
    commit('.gitattributes', '*.yaml filter=evil diff=evil merge=evil\n');
    commit('.gitmodules', `[submodule "x"]\n\tpath = x\n\turl = ext::${program}\n\tupdate = !${program}\n`);
    push();
    for (const setting of ['core.fsmonitor', 'uploadpack.packObjectsHook', 'core.sshCommand', 'filter.evil.smudge'])
      execFileSync('git', ['--git-dir', repository, 'config', setting, program]);
    const mirror = join(folder, 'mirror.git');
    const source = open();
    await source.poll();
    for (const hook of ['post-checkout', 'reference-transaction', 'pre-push', 'post-update', 'pre-auto-gc']) {
      mkdirSync(join(mirror, 'hooks'), { recursive: true });
      writeFileSync(join(mirror, 'hooks', hook), readFileSync(program), { mode: 0o755 });
    }
    commit('digits.yaml', manifest('digits', 2));
    push();
    expect((await source.poll()).files.map(({ path }) => path)).toEqual(['digits.yaml']);
    expect(existsSync(ran)).toBe(false);
  });
});

describe('GitManifestSource.commitRollback', () => {
  it('changes the version and no other byte, in one commit that says why', async () => {
    commit('digits.yaml', `${manifest('other', 3)}---\n${manifest('digits', 3)}`);
    push();
    const result = await open().commitRollback(rollbackOf());
    expect(result.kind).toBe('committed');
    git('pull', '--quiet');
    expect(readFileSync(join(clone, 'digits.yaml'), 'utf8')).toBe(
      `${manifest('other', 3)}---\n${manifest('digits', 3).replace('version:   3 ', 'version:   2 ')}`,
    );
    expect(git('log', '-1', '--format=%an <%ae>%n%B')).toBe(
      'Slipway <slipway@localhost>\nrevert(default/digits): version 3 -> 2\n\n4 of 16 requests failed\n\nSlipway-Rollout-Id: r7',
    );
  });

  it('makes one commit of what several controllers decide at once', async () => {
    commit('digits.yaml', manifest('digits', 3));
    push();
    const controllers = ['a', 'b', 'c'].map((name) => open('', name));
    const results = await Promise.all(controllers.map((source) => source.commitRollback(rollbackOf())));
    const made = results.flatMap((result) => (result.kind === 'committed' ? [result.commit] : []));
    // In one and the same second they even make the same commit.
    expect(new Set(made).size).toBe(1);
    git('pull', '--quiet');
    expect(git('log', '--format=%s').split('\n')).toEqual([
      'revert(default/digits): version 3 -> 2',
      'Change digits.yaml',
      'Begin',
    ]);
  });

  it('keeps what others committed in between', async () => {
    commit('digits.yaml', manifest('digits', 3));
    push();
    const source = open();
    await source.poll();
    commit('other.yaml', manifest('other', 1));
    push();
    expect((await source.commitRollback(rollbackOf())).kind).toBe('committed');
    git('pull', '--quiet');
    expect(existsSync(join(clone, 'other.yaml'))).toBe(true);
  });

  it('finds its own commit when it is asked twice: whoever pushed it may not have lived to hear of it', async () => {
    commit('digits.yaml', manifest('digits', 3));
    push();
    const source = open();
    const first = await source.commitRollback(rollbackOf());
    expect(first.kind).toBe('committed');
    expect(await open('', 'another').commitRollback(rollbackOf())).toEqual(first);
    const trailers = { 'Slipway-Rollout-Id': 'r' };
    expect(await source.commitRollback(rollbackOf({ trailers }))).toMatchObject({ kind: 'abandoned' });
    git('pull', '--quiet');
    expect(
      git('log', '--format=%s')
        .split('\n')
        .filter((subject) => subject.startsWith('revert')),
    ).toHaveLength(1);
  });
});

describe('createEmbeddedRepository', () => {
  it.each([
    ['another branch', 'HEAD:feature', /feature is not deployed, this repository takes pushes to main only/],
    ['the removal of the branch', ':main', /deleting the current branch is denied/],
    ['rewritten history', '+HEAD~1:main', /history cannot be rewritten/],
  ])('refuses %s, saying why', (_, target, reason) => {
    commit('digits.yaml', manifest('digits', 1));
    commit('digits.yaml', manifest('digits', 2));
    push();
    expect(() => push(target)).toThrow(reason);
  });

  it('takes a push while nobody listens to its notices', async () => {
    await createEmbeddedRepository(repository, { branch: 'main', notifyUrl: 'http://127.0.0.1:9/hooks/git' });
    commit('digits.yaml', manifest('digits', 1));
    expect(() => push()).not.toThrow();
  });

  it('signs its notices, and tells of pushes to the deployed branch alone', async () => {
    const notices: { readonly text: string; readonly signature: unknown }[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        notices.push({ text, signature: request.headers['x-hub-signature-256'] });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const notifyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/git`;
    await createEmbeddedRepository(repository, { branch: 'main', notifyUrl, secret: 'a secret' });
    commit('digits.yaml', manifest('digits', 1));
    for (const target of ['HEAD:refs/heads/slipway/revert-digits-0123456', 'HEAD:refs/notes/status', 'HEAD:main']) {
      // The server is in this process, which must not wait for git meanwhile.
      await promisify(execFile)('git', ['push', '--quiet', 'origin', target], { cwd: clone });
    }
    server.close();
    const text = '{"event":"push","ref":"refs/heads/main"}';
    const signature = `sha256=${createHmac('sha256', 'a secret').update(text).digest('hex')}`;
    expect(notices).toEqual([{ text, signature }]);
    expect(statSync(join(repository, 'slipway-hooks.json')).mode & 0o077).toBe(0);
  });

  it('takes pushes again after a git process was killed in the middle of one', async () => {
    writeFileSync(join(repository, 'refs/heads/main.lock'), '');
    commit('digits.yaml', manifest('digits', 1));
    expect(() => push()).toThrow(/main.lock/);
    await createEmbeddedRepository(repository, { branch: 'main' });
    expect(() => push()).not.toThrow();
  });
});
