/** The front door of identity. */

export { AccessControl } from "./access.ts";
export { Directory } from "./directory.ts";
export { TokenMint, TokenStore, WeirTokens } from "./grants/index.ts";
export { Revocations } from "./revocation/index.ts";
export type { IdentitySettings, IssuerNetwork, IssuerSettings } from "./settings.ts";
