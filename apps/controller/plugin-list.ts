import type { Caller } from '#application/access';
import type { PluginSet, PluginState } from '#application/plugin';
import { SERVER } from '#domain/access';
import type { WorkerKind } from '#domain/plugin';
import type * as graphql from '#generated/controller-graphql';
import type { PluginStatus as WireStatus } from '#generated/slipway/control/v1/control';

/** Where plugins run that a controller knows of. */
export interface PluginSources {
  /** The controller's own. */
  readonly own: PluginSet;
  /** Those of the gateways that are attached. */
  readonly reported: () => readonly { readonly gatewayId: string; readonly status: WireStatus }[];
}

/** Every plugin that a controller knows of, its own first. @throws ACCESS_DENIED, UNAUTHENTICATED */
export function listPlugins(caller: Caller, { own, reported }: PluginSources): graphql.Plugin[] {
  caller.require('settings.read', SERVER);
  const ours = own.statuses.map(
    ({ kind, lastError, ...status }): graphql.Plugin => ({
      program: 'controller',
      gatewayId: null,
      ...status,
      kind: kindOf(kind),
      ...errorOf(lastError?.message ?? '', lastError?.atMs ?? 0),
    }),
  );
  const theirs = reported().map(({ gatewayId, status }): graphql.Plugin => {
    const { kind, state, calls, failures, losses, lastError, lastErrorAtMs, ...rest } = status;
    return {
      program: 'gateway',
      gatewayId,
      ...rest,
      kind: kindOf(kind as WorkerKind),
      state: state as PluginState,
      calls: Number(calls),
      failures: Number(failures),
      losses: Number(losses),
      ...errorOf(lastError, Number(lastErrorAtMs)),
    };
  });
  return [...ours, ...theirs];
}

/** GraphQL's names have no hyphens. */
function kindOf(kind: WorkerKind): graphql.PluginKind {
  return kind === 'auth-source' ? 'authSource' : kind;
}

function errorOf(message: string, atMs: number) {
  const isNone = message === '';
  return { lastError: isNone ? null : message, lastErrorAt: isNone ? null : new Date(atMs).toISOString() };
}
