import { isIP } from 'node:net';

/** One configuration key: where it is read from, what it means, and how its text becomes a value. */
export interface Setting<T> {
  /** The environment variable. `<NAME>_FILE` names a file that holds the value instead, for secrets. */
  readonly variable: string;
  /** What it is for, with the unit. Shown by `--help` and in docs/reference/configuration.md. */
  readonly doc: string;
  /** The text that stands for the default; `undefined` makes the key required. */
  readonly default: string | undefined;
  /** Never printed in full. */
  readonly isSecret: boolean;
  /** @throws Error whose message completes "must be …". */
  readonly parse: (text: string) => T;
}

type Options = { readonly default?: string; readonly isSecret?: boolean };

function setting<T>(variable: string, doc: string, options: Options, parse: (text: string) => T): Setting<T> {
  return { variable, doc, default: options.default, isSecret: options.isSecret ?? false, parse };
}

/** Any text. */
export function textSetting(variable: string, doc: string, options: Options = {}): Setting<string> {
  return setting(variable, doc, options, (text) => text);
}

/** Any text, or nothing: the empty default means "not set". */
export function optionalTextSetting(variable: string, doc: string, options: Options = {}): Setting<string | undefined> {
  return setting(variable, doc, { default: '', ...options }, (text) => (text === '' ? undefined : text));
}

/** A whole number within bounds, both allowed. */
export function integerSetting(
  variable: string,
  doc: string,
  bounds: { readonly min: number; readonly max: number },
  options: Options = {},
): Setting<number> {
  return setting(variable, doc, options, (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && text.trim() !== '' && value >= bounds.min && value <= bounds.max) return value;
    throw new Error(`a whole number from ${bounds.min} to ${bounds.max}`);
  });
}

/** A TCP port; 0 lets the system choose a free one. */
export function portSetting(variable: string, doc: string, options: Options = {}): Setting<number> {
  return integerSetting(variable, `${doc} 0 takes any free port.`, { min: 0, max: 65_535 }, options);
}

/** One of a few words. */
export function choiceSetting<const Choice extends string>(
  variable: string,
  doc: string,
  choices: readonly Choice[],
  options: Options = {},
): Setting<Choice> {
  return setting(variable, doc, options, (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new Error(`one of ${choices.join(', ')}`);
  });
}

/** `true` or `false`. */
export function booleanSetting(variable: string, doc: string, options: Options = {}): Setting<boolean> {
  return setting(variable, doc, options, (text) => {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new Error('true or false');
  });
}

/** A number within bounds, both allowed. */
export function numberSetting(
  variable: string,
  doc: string,
  bounds: { readonly min: number; readonly max: number },
  options: Options = {},
): Setting<number> {
  return setting(variable, doc, options, (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= bounds.min && value <= bounds.max) return value;
    throw new Error(`a number from ${bounds.min} to ${bounds.max}`);
  });
}

/** One `host:port` or more, with commas between them; each `grpcs://host:port` where it speaks TLS. */
export function addressesSetting(variable: string, doc: string, options: Options = {}): Setting<readonly string[]> {
  return setting(variable, doc, options, (text) => {
    const addresses = text.split(',').map((address) => address.trim());
    if (addresses.every((address) => /^(grpcs:\/\/)?[^\s/]+:\d{1,5}$/.test(address))) return [...new Set(addresses)];
    throw new Error('host:port or grpcs://host:port, or several of them with commas between');
  });
}

/** Texts with a separator between them; the empty default means none. */
export function listSetting(
  variable: string,
  doc: string,
  separator: string,
  options: Options = {},
): Setting<readonly string[]> {
  return setting(variable, doc, { default: '', ...options }, (text) => partsOf(text, separator));
}

/** SHA-256 digests with commas between them; the empty default means none. */
export function digestsSetting(variable: string, doc: string, options: Options = {}): Setting<readonly string[]> {
  return setting(variable, doc, { default: '', ...options }, (text) => {
    const digests = partsOf(text, ',');
    if (digests.every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest))) return digests;
    throw new Error('sha256: and 64 lower-case hexadecimal digits, or several of them with commas between');
  });
}

function partsOf(text: string, separator: string): string[] {
  return text.split(separator).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

/** An http or https URL, or nothing. */
export function optionalUrlSetting(variable: string, doc: string, options: Options = {}): Setting<string | undefined> {
  return setting(variable, doc, { default: '', ...options }, (text) => {
    if (text === '') return undefined;
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
    throw new Error('an http or https URL');
  });
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/;

/** Hosts, each with or without a port, in lower case; the empty default means none. */
export function hostsSetting(variable: string, doc: string, options: Options = {}): Setting<readonly string[]> {
  return setting(variable, doc, { default: '', ...options }, (text) => {
    const hosts = text.split(',').flatMap((host) => (host.trim() === '' ? [] : [host.trim().toLowerCase()]));
    if (hosts.every((host) => HOST.test(host))) return hosts;
    throw new Error('`host` or `host:port`, with commas between several');
  });
}

/** Networks in CIDR notation or addresses, with commas between them; the empty default means none. */
export function networksSetting(variable: string, doc: string, options: Options = {}): Setting<readonly string[]> {
  return setting(variable, doc, { default: '', ...options }, (text) => {
    const networks = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
    if (networks.every(isNetwork)) return networks;
    throw new Error(
      'networks such as 10.0.0.0/8 or 2001:db8::/32, or addresses, with commas between, and none of everybody (/0)',
    );
  });
}

function isNetwork(text: string): boolean {
  const [base = '', prefix, ...rest] = text.split('/');
  const version = isIP(base);
  if (version === 0 || base.includes('%') || rest.length > 0) return false;
  const bits = Number(prefix);
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && bits >= 1 && bits <= (version === 4 ? 32 : 128));
}

/**
 * `key=value` pairs with commas between them, percent-encoded where they must be.
 *
 * @see https://www.w3.org/TR/baggage/#header-content, whose form OpenTelemetry gives such variables
 */
export function pairsSetting(
  variable: string,
  doc: string,
  options: Options = {},
): Setting<Readonly<Record<string, string>>> {
  return setting(variable, doc, { default: '', ...options }, (text) => {
    const pairs = text.split(',').flatMap((pair) => (pair.trim() === '' ? [] : [readPair(pair)]));
    return Object.fromEntries(pairs);
  });
}

function readPair(pair: string): readonly [key: string, value: string] {
  const at = pair.indexOf('=');
  try {
    const key = decodeURIComponent(pair.slice(0, Math.max(0, at)).trim());
    if (key !== '') return [key, decodeURIComponent(pair.slice(at + 1).trim())];
  } catch {
    // Not percent-encoded: told as any other fault.
  }
  throw new Error('key=value pairs with commas between them');
}
