import { Inject } from '@nestjs/common';
import { Context, Query, Resolver } from '@nestjs/graphql';
import { PluginSet, type PluginState } from '#application/plugin';
import { SERVER } from '#domain/access';
import type * as wire from '#generated/graphql';
import type { RequestContext } from './request-context.ts';

const WIRE_STATES: Readonly<Record<PluginState, wire.PluginState>> = {
  starting: 'STARTING',
  ready: 'READY',
  restarting: 'RESTARTING',
  failed: 'FAILED',
  stopped: 'STOPPED',
};

/** What plugins the registry runs. */
@Resolver('Plugin')
export class PluginResolver {
  readonly #plugins: PluginSet;

  constructor(@Inject(PluginSet) plugins: PluginSet) {
    this.#plugins = plugins;
  }

  @Query('plugins')
  plugins(@Context() { caller }: RequestContext): wire.Plugin[] {
    caller.require('settings.read', SERVER);
    return this.#plugins.statuses.map(({ kind: _, state, lastError, ...status }) => ({
      ...status,
      state: WIRE_STATES[state],
      lastError: lastError?.message ?? null,
      lastErrorAt: lastError === undefined ? null : new Date(lastError.atMs).toISOString(),
    }));
  }
}
