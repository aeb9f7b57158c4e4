import type { ModelParams } from './rest-exchange.ts';

/** A part of a path may be so long: Fastify's limit, too, so that what is longer is refused there. */
const MAX_PARAM_LENGTH = 512;
const INFER_PATH = new RegExp(
  `^/v2/models/([^/?#]{1,${MAX_PARAM_LENGTH}})(?:/versions/([^/?#]{1,${MAX_PARAM_LENGTH}}))?/infer/?(?:[?#].*)?$`,
);

/** Clients ask for the same few models all the time. */
const knownPaths = new Map<string, ModelParams>();
const MAX_KNOWN_PATHS = 1000;

/** Which model a path asks to infer; `undefined` when it asks for something else, or is spelt in a way that Fastify refuses. */
export function inferredModel(path: string): ModelParams | undefined {
  const known = knownPaths.get(path);
  if (known !== undefined) return known;
  const params = readPath(path);
  if (params === undefined) return undefined;
  if (knownPaths.size === MAX_KNOWN_PATHS) knownPaths.clear();
  knownPaths.set(path, params);
  return params;
}

function readPath(path: string): ModelParams | undefined {
  const [, model, version] = INFER_PATH.exec(path) ?? [];
  if (model === undefined) return undefined;
  try {
    return version === undefined
      ? { model: decodeURIComponent(model) }
      : { model: decodeURIComponent(model), version: decodeURIComponent(version) };
  } catch {
    return undefined;
  }
}
