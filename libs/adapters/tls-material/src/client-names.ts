/** Who a client's certificate says that it is. */
export interface CertifiedNames {
  readonly subject: string;
  readonly uris: readonly string[];
}

/** Whether a list has a client on it: by its subject, one of its URIs, or `…/*` for all URIs below one. An empty list has everybody. */
export function isListed(list: readonly string[], { subject, uris }: CertifiedNames): boolean {
  if (list.length === 0) return true;
  return list.some((entry) => {
    if (entry === subject || uris.includes(entry)) return true;
    return entry.endsWith('/*') && uris.some((uri) => isBelow(uri, entry.slice(0, -1)));
  });
}

/** Dots and escapes could lead out again. */
function isBelow(uri: string, folder: string): boolean {
  return (
    uri.startsWith(folder) &&
    uri.length > folder.length &&
    !/\/\.{0,2}(\/|$)|[%\\?#]/.test(uri.slice(folder.length - 1))
  );
}
