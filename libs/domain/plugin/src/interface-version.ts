import type { PluginKind } from './plugin-kind.ts';

/** The interface that this host offers to plugins, as `major.minor`: a new minor adds, a new major breaks. */
export const HOST_INTERFACE = '1.1';

/** Since which interface there has been each kind: the least that a plugin of it needs. */
export const INTERFACE_OF_KIND: Readonly<Record<PluginKind, string>> = {
  preprocessor: '1.0',
  postprocessor: '1.0',
  gate: '1.0',
  'auth-source': '1.0',
  runtime: '1.1',
};

/**
 * Why a plugin that was written for an interface cannot be loaded by a host; `undefined` when it can.
 *
 * @param wanted `major.minor` that the plugin needs at least.
 * @param offered the same of the host.
 */
export function interfaceProblem(wanted: string, offered: string = HOST_INTERFACE): string | undefined {
  const [wantedMajor, wantedMinor] = numbersIn(wanted);
  const [offeredMajor, offeredMinor] = numbersIn(offered);
  if (wantedMajor === undefined || wantedMinor === undefined) return `must be such as ${offered}, not ${wanted}`;
  if (wantedMajor !== offeredMajor) return `is ${wanted}, and this host offers ${offered}: the plugin must be adapted`;
  if (wantedMinor > (offeredMinor ?? 0)) return `is ${wanted}, and this host offers ${offered}: the host is too old`;
  return undefined;
}

/** Why a plugin cannot be of its kind by the interface that it was written for; `undefined` when it can. */
export function kindProblem(kind: PluginKind, wanted: string): string | undefined {
  const since = INTERFACE_OF_KIND[kind];
  const [[sinceMajor, sinceMinor = 0], [major, minor = 0]] = [numbersIn(since), numbersIn(wanted)];
  if (major !== sinceMajor || minor >= sinceMinor) return undefined;
  return `is ${wanted}, and the kind ${kind} came with ${since}`;
}

function numbersIn(version: string): readonly (number | undefined)[] {
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})$/.exec(version) ?? [];
  return major === undefined ? [] : [Number(major), Number(minor)];
}
