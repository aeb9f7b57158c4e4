/** Headers of an HTTP request, or of a gRPC call, by their names in lower case. */
export type CallHeaders = Readonly<Record<string, { toString(): string } | undefined>>;

/** Reads headers when a route asks for them. */
export function headerReader(headers: CallHeaders): (name: string) => string | undefined {
  return (name) => (Object.hasOwn(headers, name) ? headers[name]?.toString() : undefined);
}
