import type { Caller } from '#application/access';
import type { Registry } from '#application/registry';
import { deploymentResource } from '#application/rollout';
import { type ActionName, type Resource, resource, resourceKindOf } from '#domain/access';
import { assertNever, DomainError, shown } from '#domain/errors';
import { parseAliasName, parseModelName, parseNamespace } from '#domain/registry';
import { indexedVersionResource, modelResource, namespaceResource } from './access-resources.mapper.ts';
import { requireModel } from './required-records.ts';
import type { RolloutJournals } from './rollout-journals.ts';

const FIELD = 'input.resource';

/** Things of the registry by their names, as policies see them. */
export class NamedResources {
  readonly #registry: Registry;
  readonly #rollouts: RolloutJournals;

  constructor(registry: Registry, rollouts: RolloutJournals) {
    this.#registry = registry;
    this.#rollouts = rollouts;
  }

  /**
   * What an action would be done to. What it makes is not there yet, and has no attributes but its name.
   *
   * @throws INPUT_INVALID, NAME_INVALID; NAMESPACE_NOT_FOUND, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, DEPLOYMENT_NOT_FOUND in the same
   * words whether it is not there or the caller may not see it.
   */
  async find(action: ActionName, name: string, caller: Caller): Promise<Resource> {
    const kind = resourceKindOf(action);
    switch (kind) {
      case 'server':
        throw wrong(`${action} is done to the installation as a whole: leave the resource out`);
      case 'namespace':
        return action === 'namespace.create'
          ? namespaceResource({ namespace: parseNamespace(name, FIELD), labels: {} })
          : this.#namespace(name, caller);
      case 'model': {
        const { namespace, local } = split(name, action, '<namespace>/<model>');
        if (action === 'model.create') return resource('model', { namespace, model: parseModelName(local, FIELD) });
        return modelResource(await requireModel(this.#registry, caller, namespace, parseModelName(local, FIELD)));
      }
      case 'version':
        return this.#version(name, action, caller);
      case 'deployment':
        return this.#deployment(name, action, caller);
      default:
        return assertNever(kind);
    }
  }

  #namespace(name: string, caller: Caller): Resource {
    const found = this.#registry.index.namespace(parseNamespace(name, FIELD));
    const seen = found && namespaceResource(found);
    if (seen !== undefined && caller.may('namespace.read', seen)) return seen;
    throw new DomainError('NAMESPACE_NOT_FOUND', `there is no namespace ${name}`, { field: FIELD });
  }

  async #version(name: string, action: ActionName, caller: Caller): Promise<Resource> {
    const { namespace, local } = split(name, action, '<namespace>/<model>@<version or alias>');
    const [model = '', which = '', ...rest] = local.split('@');
    if (which === '' || rest.length > 0) {
      throw wrong(`${action} is done to a version, such as ${namespace}/${model || 'digits'}@3, not to ${shown(name)}`);
    }
    const { lookup, index } = this.#registry;
    const key = [namespace, parseModelName(model, FIELD)] as const;
    const found = /^[1-9]\d{0,8}$/.test(which)
      ? await lookup.version(...key, Number(which))
      : await lookup.versionByAlias(...key, parseAliasName(which, FIELD));
    const seen = found && indexedVersionResource(found, index.model(...key)?.owner);
    if (seen !== undefined && caller.may('version.read', seen)) return seen;
    throw new DomainError('MODEL_VERSION_NOT_FOUND', `there is no version ${name}`, { field: FIELD });
  }

  async #deployment(name: string, action: ActionName, caller: Caller): Promise<Resource> {
    const { namespace, local } = split(name, action, '<namespace>/<deployment>');
    const found = await this.#rollouts.find(namespace, local);
    const seen = found && deploymentResource(found);
    // Whoever may ask a model of it knows that it is there.
    const isSeen = seen !== undefined && (caller.may('deployment.read', seen) || caller.may(action, seen));
    if (isSeen) return seen;
    throw new DomainError('DEPLOYMENT_NOT_FOUND', `there is no deployment ${name}`, { field: FIELD });
  }
}

function split(name: string, action: ActionName, form: string) {
  const [namespace = '', local = '', ...rest] = name.split('/');
  if (local === '' || rest.length > 0) {
    throw wrong(`${action} is done to a ${resourceKindOf(action)}, named ${form}, not ${shown(name)}`);
  }
  return { namespace: parseNamespace(namespace, FIELD), local };
}

function wrong(message: string): DomainError {
  return new DomainError('INPUT_INVALID', message, { field: FIELD });
}
