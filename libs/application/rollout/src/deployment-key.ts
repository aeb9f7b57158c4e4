/** Names a deployment among all: `<namespace>/<name>`. */
export function deploymentKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
