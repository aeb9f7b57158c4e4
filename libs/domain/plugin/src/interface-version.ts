/** The interface that this host offers to plugins, as `major.minor`: a new minor adds, a new major breaks. */
export const HOST_INTERFACE = '1.0';

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

function numbersIn(version: string): readonly (number | undefined)[] {
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})$/.exec(version) ?? [];
  return major === undefined ? [] : [Number(major), Number(minor)];
}
