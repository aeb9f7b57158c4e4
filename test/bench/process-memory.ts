import { readFileSync } from 'node:fs';
import type { RegistryProcess } from '../servers/registry-process.ts';

/** Resident memory of a registry in MiB. */
export function rssOf({ pid }: RegistryProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
