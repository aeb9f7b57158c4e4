/**
 * Why a URL of a manifest must not be asked; `undefined` when it may.
 *
 * Whoever may write a manifest must not be able to have the controller ask any server that only it can reach: hosts are named by who
 * runs it.
 *
 * @param allowed `host`, which is the default port of the URL's scheme, or `host:port`; in lower case.
 */
export function refusalOf(url: URL | null, allowed: readonly string[]): string | undefined {
  if (url === null) return 'the URL cannot be read';
  const defaultPort = { 'http:': '80', 'https:': '443' }[url.protocol];
  if (defaultPort === undefined) return `the URL begins with ${url.protocol} and only http and https can be asked`;
  if (url.username !== '' || url.password !== '') return 'the URL must not hold a user or password';
  const isAllowed =
    allowed.includes(`${url.hostname}:${url.port || defaultPort}`) ||
    (url.port === '' && allowed.includes(url.hostname));
  if (isAllowed) return undefined;
  const now = allowed.length === 0 ? 'no hosts may be asked' : `${allowed.join(', ')} may be asked`;
  return `${url.host} may not be asked: ${now}; set SLIPWAY_GATE_HOSTS`;
}
