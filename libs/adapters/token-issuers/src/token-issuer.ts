/** An identity provider whose tokens are taken. */
export interface TokenIssuer {
  /** As its tokens name it, and where its configuration is found below `/.well-known/openid-configuration`. */
  readonly issuer: string;
  /** Tokens must be made for this. */
  readonly audience: string;
  /** Where its keys are; absent: where its configuration says. */
  readonly jwksUri: string | undefined;
  /** What its tokens name. */
  readonly kind: 'user' | 'workload';
  /** What the names begin with, so that those of two issuers are never the same. */
  readonly prefix: string;
  /** The claim with the name; a path such as `realm_access.roles` leads into claims within claims. So do the others. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** Attributes for policies to compare with, and the claims that they come from. */
  readonly attributeClaims: Readonly<Record<string, string>>;
}
