import { Inject } from '@nestjs/common';
import { Context, Query, Resolver } from '@nestjs/graphql';
import type { Subscriber } from '#adapters/http-access';
import type { Plugin } from '#generated/controller-graphql';
import { listPlugins, type PluginSources } from './plugin-list.ts';

/** Under which {@link PluginSources} are injected. */
export const PLUGIN_SOURCES = Symbol('PluginSources');

/** What plugins run. */
@Resolver('Plugin')
export class PluginResolver {
  readonly #sources: PluginSources;

  constructor(@Inject(PLUGIN_SOURCES) sources: PluginSources) {
    this.#sources = sources;
  }

  @Query('plugins')
  plugins(@Context() { caller }: Subscriber): Plugin[] {
    return listPlugins(caller, this.#sources);
  }
}
