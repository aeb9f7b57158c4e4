import type { Agent } from 'node:https';

/** A registry, and who its client is. */
export interface RegistryServer {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Sent with every request to the registry, and to nobody else: `authorization`, say. */
  readonly headers: Readonly<Record<string, string>>;
  /** Knows whom to trust, and what to show them; for HTTPS to the registry, and to nobody else. */
  readonly agent: Agent | undefined;
}
