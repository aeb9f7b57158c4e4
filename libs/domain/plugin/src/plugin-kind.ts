/**
 * What a plugin does for its host.
 *
 * - `preprocessor`: makes a model's inputs of what a client sends.
 * - `postprocessor`: makes what a client gets of a model's outputs.
 * - `gate`: gives verdicts on candidates of rollouts.
 * - `auth-source`: tells whom a credential names.
 * - `runtime`: runs models, each instance in a runner.
 */
export const PLUGIN_KINDS = ['preprocessor', 'postprocessor', 'gate', 'auth-source', 'runtime'] as const;
export type PluginKind = (typeof PLUGIN_KINDS)[number];

/** Kinds that worker threads of a program hold: all but runtimes. */
export type WorkerKind = Exclude<PluginKind, 'runtime'>;
