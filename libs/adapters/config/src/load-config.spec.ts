import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  booleanSetting,
  ConfigError,
  choiceSetting,
  describeSettings,
  digestsSetting,
  hostsSetting,
  loadConfig,
  networksSetting,
  numberSetting,
  optionalTextSetting,
  optionalUrlSetting,
  pairsSetting,
  portSetting,
  redactConfig,
  textSetting,
} from './index.ts';

const table = {
  httpPort: portSetting('APP_HTTP_PORT', 'Port for REST.', { default: '8080' }),
  level: choiceSetting('APP_LOG_LEVEL', 'Log level.', ['info', 'debug'], { default: 'info' }),
  secret: textSetting('APP_SECRET', 'A secret.', { isSecret: true }),
  proxy: optionalTextSetting('APP_PROXY', 'A proxy.'),
  pretty: booleanSetting('APP_PRETTY', 'Coloured logs.', { default: 'false' }),
};

describe('loadConfig', () => {
  it('takes defaults where nothing is set', () => {
    expect(loadConfig(table, { APP_SECRET: 's' })).toEqual({
      httpPort: 8080,
      level: 'info',
      secret: 's',
      proxy: undefined,
      pretty: false,
    });
  });

  it('names every bad key at once, with what was expected and got', () => {
    const load = () => loadConfig(table, { APP_HTTP_PORT: '70000', APP_LOG_LEVEL: 'loud', APP_PRETTY: '1' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/APP_HTTP_PORT must be a whole number from 0 to 65535, not "70000"/);
    expect(load).toThrow(/APP_LOG_LEVEL must be one of info, debug, not "loud"/);
    expect(load).toThrow(/APP_SECRET is required/);
    expect(load).toThrow(/APP_PRETTY must be true or false/);
  });

  it('reads a secret from the file that <NAME>_FILE names, and refuses both at once', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'secret');
    writeFileSync(file, 'from-file\n');
    expect(loadConfig(table, { APP_SECRET_FILE: file }).secret).toBe('from-file');
    expect(() => loadConfig(table, { APP_SECRET_FILE: file, APP_SECRET: 'x' })).toThrow(/keep one/);
    expect(() => loadConfig(table, { APP_SECRET_FILE: `${file}-absent` })).toThrow(/cannot be read/);
  });
});

describe('settings that OpenTelemetry brings', () => {
  const otel = {
    ratio: numberSetting('RATIO', 'A share.', { min: 0, max: 1 }, { default: '1' }),
    endpoint: optionalUrlSetting('ENDPOINT', 'A URL.'),
    pairs: pairsSetting('PAIRS', 'Pairs.'),
  };

  it('reads numbers, URLs and percent-encoded pairs', () => {
    const environment = { RATIO: '0.25', ENDPOINT: 'http://collector:4318', PAIRS: 'a=1, b%20c=d%2Ce=f,' };
    expect(loadConfig(otel, environment)).toEqual({
      ratio: 0.25,
      endpoint: 'http://collector:4318',
      pairs: { a: '1', 'b c': 'd,e=f' },
    });
    expect(loadConfig(otel, {})).toEqual({ ratio: 1, endpoint: undefined, pairs: {} });
  });

  it.each([
    ['RATIO', '1.5', 'a number from 0 to 1'],
    ['ENDPOINT', 'collector:4318', 'an http or https URL'],
    ['PAIRS', 'a', 'key=value pairs'],
    ['PAIRS', 'a=%', 'key=value pairs'],
    ['PAIRS', '=1', 'key=value pairs'],
  ])('refuses %s=%s', (variable, text, expected) => {
    expect(() => loadConfig(otel, { [variable]: text })).toThrow(`${variable} must be ${expected}`);
  });
});

describe('digestsSetting', () => {
  const digests = { digests: digestsSetting('DIGESTS', 'Digests.') };
  const [first, second] = [`sha256:${'0'.repeat(64)}`, `sha256:${'a'.repeat(64)}`];

  it('takes none, one and several', () => {
    expect(loadConfig(digests, {})).toEqual({ digests: [] });
    expect(loadConfig(digests, { DIGESTS: first })).toEqual({ digests: [first] });
    expect(loadConfig(digests, { DIGESTS: `${first}, ${second}` })).toEqual({ digests: [first, second] });
  });

  it.each(['a'.repeat(64), `sha256:${'A'.repeat(64)}`, `${first} ${second}`, 'sha256:'])('refuses %s', (text) => {
    expect(() => loadConfig(digests, { DIGESTS: text })).toThrow(/DIGESTS must be sha256: and 64 lower-case/);
  });
});

describe('hosts', () => {
  const hosts = { hosts: hostsSetting('HOSTS', 'Hosts.') };

  it('are read in lower case, with and without ports', () => {
    const environment = { HOSTS: 'Hooks.example, 10.0.0.7:9000,[::1]:80,' };
    expect(loadConfig(hosts, environment).hosts).toEqual(['hooks.example', '10.0.0.7:9000', '[::1]:80']);
    expect(loadConfig(hosts, {}).hosts).toEqual([]);
  });

  it.each(['https://hooks.example', 'hooks.example/gate', 'hooks.example:port', '*.example', 'a b'])(
    'are refused as %s',
    (text) => {
      expect(() => loadConfig(hosts, { HOSTS: text })).toThrow('HOSTS must be `host` or `host:port`');
    },
  );
});

describe('networks', () => {
  const networks = { networks: networksSetting('NETWORKS', 'Networks.') };

  it('are read in both notations, and as addresses', () => {
    const environment = { NETWORKS: '10.0.0.0/8, 2001:db8::/32,192.0.2.1,::1,' };
    expect(loadConfig(networks, environment).networks).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1', '::1']);
    expect(loadConfig(networks, {}).networks).toEqual([]);
  });

  it.each([
    '10.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '::/129',
    'proxy.example',
    '10.0.0.0/8/8',
    '0.0.0.0/0',
    '::/0',
    'fe80::1%eth0',
  ])('are refused as %s', (text) => {
    expect(() => loadConfig(networks, { NETWORKS: text })).toThrow('NETWORKS must be networks such as 10.0.0.0/8');
  });
});

describe('redactConfig', () => {
  it('shows which secrets are set and never their value', () => {
    const shown = redactConfig(table, loadConfig(table, { APP_SECRET: 'hunter2' }));
    expect(shown['APP_SECRET']).toBe('(set)');
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });
});

describe('describeSettings', () => {
  it('lists each variable with its default', () => {
    expect(describeSettings(table)).toContain(
      'APP_HTTP_PORT\n      Port for REST. 0 takes any free port. (default: 8080)',
    );
  });
});
