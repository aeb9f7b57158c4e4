import type { Resource } from './resource.ts';

/** How people name a resource: `namespace vision`, `model vision/digits`, `version vision/digits@3`, `deployment vision/digits`. */
export function resourceInWords({ kind, attributes }: Resource): string {
  const text = (name: string) => String(attributes.get(name) ?? '?');
  switch (kind) {
    case 'server':
      return 'the installation';
    case 'namespace':
      return `namespace ${text('namespace')}`;
    case 'model':
      return `model ${text('namespace')}/${text('model')}`;
    case 'version':
      return `version ${text('namespace')}/${text('model')}@${text('version')}`;
    case 'deployment':
      return `deployment ${text('namespace')}/${text('deployment')}`;
  }
}
