/** Requests that always go to the candidate: those that carry every one of these headers (metadata, in gRPC) with just this value. */
export interface RouteMatch {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What tells users apart, so that each stays with one version while the weight stands, and with the candidate while it grows. */
export interface StickyKey {
  /** A header (metadata, in gRPC), or a parameter of the request. */
  readonly source: 'header' | 'parameter';
  /** In lower case for a header. */
  readonly name: string;
}
