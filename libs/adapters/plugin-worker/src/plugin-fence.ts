import { isBuiltin, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Modules of Node.js that only compute. */
const PURE = new Set(
  (
    'assert assert/strict async_hooks buffer console constants crypto diagnostics_channel events path path/posix path/win32 perf_hooks ' +
    'punycode querystring stream stream/consumers stream/promises stream/web string_decoder timers timers/promises url util util/types zlib'
  ).split(' '),
);
/** What each grant adds to them. */
const GRANTED: Readonly<Record<string, readonly string[]>> = {
  network: 'dgram dns dns/promises http http2 https net tls'.split(' '),
  files: 'fs fs/promises'.split(' '),
};
const NETWORK_GLOBALS = ['fetch', 'WebSocket', 'EventSource'] as const;
/** What reaches beyond the thread, to the host's process or around the fence. A thread has fewer of them than a runner. */
const PROCESS_DOORS = [
  'kill',
  'dlopen',
  'binding',
  '_linkedBinding',
  'getBuiltinModule',
  'loadEnvFile',
  'report',
  'abort',
  'execve',
  'chdir',
  'umask',
  'setuid',
  'seteuid',
  'setgid',
  'setegid',
  'setgroups',
  'initgroups',
  '_kill',
  '_debugProcess',
  '_debugEnd',
  '_startProfilerIdleNotifier',
] as const;

/**
 * Lets the code of this thread load what lies in its folder and the modules of Node.js that only compute, or are granted.
 *
 * It keeps plugins from doing by accident, or by a dependency, what nobody has allowed them. It is no sandbox: code that sets out to break
 * out of a JavaScript context may succeed, which is why plugins are allowed by digest.
 */
export function raiseFence(folder: string, grants: readonly string[]): void {
  const root = `${pathToFileURL(folder).href}/`;
  const granted = new Set(grants.flatMap((grant) => GRANTED[grant] ?? []));
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const { url } = resolved;
      const builtin = url.startsWith('node:') ? url.slice(5) : isBuiltin(url) ? url : undefined;
      if (builtin === undefined ? url.startsWith(root) : PURE.has(builtin) || granted.has(builtin)) return resolved;
      const grant = Object.entries(GRANTED).find(([, modules]) => modules.includes(builtin ?? ''))?.[0];
      const hint =
        grant === undefined ? 'plugins may not have it' : `allow: [${grant}] in the list of plugins gives it`;
      throw new Error(`${specifier} cannot be loaded: ${hint}`);
    },
  });
  if (!grants.includes('network')) for (const name of NETWORK_GLOBALS) Reflect.deleteProperty(globalThis, name);
  for (const name of PROCESS_DOORS) {
    Object.defineProperty(process, name, { value: undefined, writable: false, configurable: false });
  }
}
