/** The front door of Weir tokens. */

export { looksLikeToken, TokenMint } from "./mint.ts";
export { formatScope, fullScope, parseScope, ScopeError } from "./scope-text.ts";
export { type StoredToken, TokenStore } from "./token-store.ts";
export { grantOf, type IssuedToken, type Issuing, type TokenPlan, TokenRefused, type TokenWish, WeirTokens } from "./weir-tokens.ts";
