import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** An identity provider (OpenID Connect) on this machine, with keys that can be rotated and a network that can be down. */
export class TokenIssuer {
  readonly #server: Server;
  #key: { readonly id: string; readonly pair: KeyPair } | undefined;
  #fetches = 0;
  /** Whether it answers nobody. */
  isDown = false;

  private constructor() {
    this.#server = createServer(async ({ url }, response) => {
      if (this.isDown || this.#key === undefined) return response.destroy();
      if (url === '/.well-known/openid-configuration')
        return response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }));
      this.#fetches += 1;
      const jwk = await exportJWK(this.#key.pair.publicKey);
      return response.end(JSON.stringify({ keys: [{ ...jwk, kid: this.#key.id, alg: 'ES256' }] }));
    });
  }

  static async start(): Promise<TokenIssuer> {
    const issuer = new TokenIssuer();
    await issuer.rotate();
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often its keys were fetched. */
  get fetches(): number {
    return this.#fetches;
  }

  /** Signs with another key from here on, and gives out no other. */
  async rotate(): Promise<void> {
    this.#key = { id: `key-${Date.now()}`, pair: await generateKeyPair('ES256') };
  }

  /** @param claims beside those of every token; times in seconds since the epoch. */
  token(claims: JWTPayload): Promise<string> {
    const { id = '', pair } = this.#key ?? {};
    const nowSeconds = Math.floor(Date.now() / 1000);
    const usual = { iss: this.url, aud: 'slipway', iat: nowSeconds, exp: nowSeconds + 600 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: id })
      .sign((pair as KeyPair).privateKey);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
