import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSourcesFile } from './sources-file.ts';

let folder: string;
const write = (text: string) => {
  writeFileSync(join(folder, 'sources.yaml'), text);
  return join(folder, 'sources.yaml');
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const unsigned = { verify: 'none', allowedSigners: undefined, keyring: undefined, signingKey: undefined };
const plain = { ...unsigned, status: 'none', statusUrl: undefined, statusTokenFile: undefined };

it('reads a list of repositories, with what is left out filled in', async () => {
  const text =
    '- {name: team-a, url: https://git.example.com/a.git}\n- {name: b, url: /srv/b, branch: prod, path: eu}\n';
  expect(await readSourcesFile(write(text))).toEqual([
    { name: 'team-a', url: 'https://git.example.com/a.git', branch: 'main', path: '', ...plain },
    { name: 'b', url: '/srv/b', branch: 'prod', path: 'eu', ...plain },
  ]);
});

it('reads JSON too', async () => {
  const list = [{ name: 'a', url: '/srv/a', verify: 'every', allowedSigners: '/etc/signers' }];
  expect((await readSourcesFile(write(JSON.stringify(list))))[0]).toMatchObject(list[0] ?? {});
});

it('says once what is no text', async () => {
  const failure = await readSourcesFile(write('- {name: a, url: /a, status: 1}\n')).catch((error: Error) => error);
  expect(String(failure).match(/\[0\]\.status: a text is expected/g)).toHaveLength(1);
});

it('reads where statuses of commits go, and names what a forge needs', async () => {
  const status = { status: 'gitea', statusUrl: 'https://git.example.com/acme/a', statusTokenFile: '/etc/token' };
  const list = [{ name: 'a', url: '/srv/a', ...status }];
  expect((await readSourcesFile(write(JSON.stringify(list))))[0]).toMatchObject(status);
  await expect(readSourcesFile(write('- {name: a, url: /a, status: github}\n'))).rejects.toThrow(
    /\[0\]\.statusUrl: github needs it.*\[0\]\.statusTokenFile: github needs it/s,
  );
});

it('names everything that is wrong', async () => {
  const text = '- {name: a b, url: 1, verify: all}\n- {name: b, url: /b, brunch: main}\n- {name: b, url: /c}\n';
  await expect(readSourcesFile(write(text))).rejects.toThrow(
    /\[0\]\.name: letters.*\[0\]\.url: a text.*\[0\]\.verify: one of none, head, every.*\[1\]\.brunch: there is no such key.*\[2\]\.name: "b" is taken/s,
  );
});

it.each([
  ['{name: a}', /a list of repositories is expected/],
  ['[]', /a list of repositories is expected/],
  ['- [', /lists no repositories that can be used/],
])('refuses %s', async (text, reason) => {
  await expect(readSourcesFile(write(text))).rejects.toThrow(reason);
});
