import type { Caller, ListFilter } from '#application/access';
import type { RegistryIndex, VisibleRecords } from '#application/registry';
import type { Resource } from '#domain/access';
import type { ModelName, Namespace, RegistryEvent } from '#domain/registry';
import { indexedVersionResource, modelResource, namespaceResource } from './access-resources.mapper.ts';

const PARTS = ['metrics', 'parameters', 'annotations', 'trainingData'];

/** Which events somebody may see: those about records that they may see as these are now. */
export class EventVisibility {
  readonly #index: RegistryIndex;

  constructor(index: RegistryIndex) {
    this.#index = index;
  }

  /** For the index; `undefined` when everything can be seen. */
  recordsFor(caller: Caller): VisibleRecords | undefined {
    if (seesAll(caller, [])) return undefined;
    const [models, versions] = [caller.filterFor('model.read'), caller.filterFor('version.read')];
    const namespaces = this.#namespacesFor(caller);
    return { models: wordOf(models), versions: wordOf(versions), namespaces };
  }

  /** @param parts of a version that must be seen as well. */
  isVisible(caller: Caller, event: RegistryEvent, parts: readonly string[] = []): boolean {
    if (seesAll(caller, parts)) return true;
    const seen = this.#subjectOf(event);
    if (seen === undefined || !caller.may(seen.action, seen.resource)) return false;
    return seen.action !== 'version.read' || parts.every((part) => caller.may(seen.action, seen.resource, part));
  }

  /** Whether all of the record can be seen that an event is about. */
  showsContent(caller: Caller, event: RegistryEvent): boolean {
    return this.isVisible(caller, event, PARTS);
  }

  #namespacesFor(caller: Caller): readonly Namespace[] | 'all' {
    let isAll = true;
    const visible: Namespace[] = [];
    for (const record of this.#index.allNamespaces()) {
      if (caller.may('namespace.read', namespaceResource(record))) visible.push(record.namespace);
      else isAll = false;
    }
    return isAll ? 'all' : visible;
  }

  #subjectOf(event: RegistryEvent): Subject | undefined {
    const { after } = event;
    switch (event.kind) {
      case 'namespace': {
        const record = this.#index.namespace(after.namespace);
        return record && { action: 'namespace.read', resource: namespaceResource(record) };
      }
      case 'model':
        return this.#modelSubject(after.namespace, event.after.name);
      case 'alias':
      case 'status':
      case 'version': {
        const { namespace, model, version } = event.after;
        return version === 0 ? this.#modelSubject(namespace, model) : this.#versionSubject(namespace, model, version);
      }
    }
  }

  #modelSubject(namespace: Namespace, name: ModelName): Subject | undefined {
    const model = this.#index.model(namespace, name);
    return model && { action: 'model.read', resource: modelResource(model) };
  }

  #versionSubject(namespace: Namespace, model: ModelName, version: number): Subject | undefined {
    const found = this.#index.version(namespace, model, version);
    const owner = this.#index.model(namespace, model)?.owner;
    return found && { action: 'version.read', resource: indexedVersionResource(found, owner) };
  }
}

interface Subject {
  readonly action: 'namespace.read' | 'model.read' | 'version.read';
  readonly resource: Resource;
}

/** Whether there is no record, and no such part of a version, that somebody may not see: then none is looked at. */
function seesAll(caller: Caller, parts: readonly string[]): boolean {
  const filters = [
    caller.filterFor('namespace.read'),
    caller.filterFor('model.read'),
    caller.filterFor('version.read', parts),
  ];
  return filters.every(({ kind }) => kind === 'all');
}

function wordOf(filter: ListFilter): VisibleRecords['models'] {
  return filter.kind === 'some' ? filter.filter : filter.kind;
}
