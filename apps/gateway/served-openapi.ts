import { gatewayOpenApi } from '#generated/gateway-openapi';

/** An OpenAPI document of this gateway. */
export type OpenApiDocument = Pick<typeof gatewayOpenApi, 'openapi' | 'info' | 'tags'> & {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: Omit<typeof gatewayOpenApi.components, 'securitySchemes'>;
};

/** A path's operations by their methods, and what they have in common. */
type PathItem = Readonly<Record<string, unknown>>;

/** The document as this gateway serves it. @param isOpen whether nobody is asked for a credential, which it says nothing of then. */
export function servedOpenApi(isOpen: boolean): OpenApiDocument {
  if (!isOpen) return gatewayOpenApi;
  const { paths, components, ...document } = gatewayOpenApi;
  const { securitySchemes: _, ...openComponents } = components;
  const openPaths = Object.entries<PathItem>(paths).map(([path, item]) => [path, withoutSecurity(item)]);
  return { ...document, paths: Object.fromEntries(openPaths), components: openComponents };
}

function withoutSecurity(item: PathItem): PathItem {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value];
      const { security: _, ...operation } = value as PathItem;
      return [key, operation];
    }),
  );
}
