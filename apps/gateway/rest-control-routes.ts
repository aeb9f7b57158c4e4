import { toJsonModelConfig, toJsonStatistics } from '#adapters/open-inference';
import { DomainError } from '#domain/errors';
import { DESCRIBE, DESCRIBE_EACH, READ, READ_EACH, SETTINGS } from './operation-access.ts';
import { jsonObjectOf } from './rest-body.ts';
import type { RouteSet } from './route-set.ts';
import {
  logSettings,
  refuseLogSettings,
  refuseSharedMemory,
  refuseTraceSettings,
  TRACE_SETTINGS,
} from './server-settings.ts';
import type { RestParts } from './serving-parts.ts';

/** Bytes of a control request: settings and flags. */
const MAX_CONTROL_BYTES = 1024 * 1024;

/** The routes of one model beside inference. @param prefix up to the model, or to its version. */
export function addModelControlRoutes(routes: RouteSet, prefix: string, { directory }: RestParts): void {
  routes.get(`${prefix}/config`, DESCRIBE, ({ params }) =>
    toJsonModelConfig(directory.describe(params.model, params.version)),
  );
  routes.get(`${prefix}/stats`, READ, ({ params }) => ({
    model_stats: directory.statistics(params.model, params.version).map(toJsonStatistics),
  }));
}

/** Statistics of every model, the repository, and what Triton's clients ask of a server beside them. */
export function addServerControlRoutes(routes: RouteSet, parts: RestParts): void {
  const { access, directory, repository, logger } = parts;
  routes.get('/models/stats', READ_EACH, ({ caller }) => ({
    model_stats: directory
      .statistics()
      .filter(({ name }) => access.may(caller, READ_EACH.action, name))
      .map(toJsonStatistics),
  }));

  routes.post('/repository/index', DESCRIBE_EACH, async (request) => {
    const { ready } = await jsonObjectOf(request, MAX_CONTROL_BYTES);
    if (ready !== undefined && typeof ready !== 'boolean')
      throw new DomainError('REQUEST_MALFORMED', 'ready must be true or false', { field: 'ready' });
    return repository
      .index(ready ?? false)
      .filter(({ name }) => access.may(request.caller, DESCRIBE_EACH.action, name));
  });
  routes.post('/repository/models/:model/load', DESCRIBE, async (request) => {
    // It may bring files; only their names matter here.
    const { parameters } = await jsonObjectOf(request, parts.maxBodyBytes);
    repository.load(request.params.model, namesIn(parameters));
    return {};
  });
  routes.post('/repository/models/:model/unload', DESCRIBE, ({ params }) => repository.unload(params.model));

  routes.get('/logging', SETTINGS, () => logSettings(logger.level));
  routes.post('/logging', SETTINGS, async (request) => {
    refuseLogSettings(Object.keys(await jsonObjectOf(request, MAX_CONTROL_BYTES)));
    return logSettings(logger.level);
  });
  for (const path of ['/trace/setting', '/models/:model/trace/setting']) {
    routes.get(path, SETTINGS, () => TRACE_SETTINGS);
    routes.post(path, SETTINGS, async (request) => {
      refuseTraceSettings(Object.keys(await jsonObjectOf(request, MAX_CONTROL_BYTES)));
      return TRACE_SETTINGS;
    });
  }
  for (const kind of ['system', 'cuda'] as const) addSharedMemoryRoutes(routes, kind);
}

/** There is none, and so there are no regions. */
function addSharedMemoryRoutes(routes: RouteSet, kind: 'system' | 'cuda'): void {
  const all = `/${kind}sharedmemory`;
  for (const path of [all, `${all}/region/:region`]) {
    routes.get(`${path}/status`, SETTINGS, () => []);
    routes.post(`${path}/unregister`, SETTINGS, () => ({}));
  }
  routes.post(`${all}/region/:region/register`, SETTINGS, () => refuseSharedMemory(kind));
}

function namesIn(parameters: unknown): string[] {
  if (parameters === undefined || parameters === null) return [];
  if (typeof parameters === 'object' && !Array.isArray(parameters)) return Object.keys(parameters);
  throw new DomainError('REQUEST_MALFORMED', 'parameters must be an object', { field: 'parameters' });
}
