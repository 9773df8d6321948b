/** The front door of identity. */

export { AccessControl } from "./access.ts";
export { recordAuditEvent } from "./audit-events.ts";
export { type AuditFilter, listAuditEvents, type WrittenEvent } from "./audit-log.ts";
export { Directory } from "./directory.ts";
export { formatScope, TokenMint, type TokenPlan, TokenStore, WeirTokens } from "./grants/index.ts";
export { type ApiKey, type KeyWish, ManagedKeys, type ServiceIdentity } from "./keys/index.ts";
export { oauthSurface } from "./oauth/surface.ts";
export type { TokenAgreement } from "./oauth/token-endpoint.ts";
export { objectOf, type Revocable, Revocations } from "./revocation/index.ts";
export { type DirectoryEntry, SeenIdentities } from "./seen-identities.ts";
export type { IdentitySettings, IssuerSettings } from "./settings.ts";
