import type { RegistryProcess } from '../servers/registry-process.ts';

/** Resident memory of a registry in MiB. */
export function rssOf({ residentMib }: RegistryProcess): number {
  return Math.round(residentMib);
}
