/** Access as the core asks after it: what is revoked, and what counted tokens are still good for. */

import type { Access } from "../enforcement/ports.ts";
import type { Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { WeirTokens } from "./grants/index.ts";
import type { Revocations } from "./revocation/index.ts";

export class AccessControl implements Access {
  readonly #revocations: Revocations;
  readonly #tokens: WeirTokens;

  constructor(revocations: Revocations, tokens: WeirTokens) {
    this.#revocations = revocations;
    this.#tokens = tokens;
  }

  check(principal: Principal, connection?: string): void {
    if (!this.#revocations.isRevoked(principal, connection)) return;
    throw new GatewayError("credential_revoked", undefined, { note: `${principal.issuer}/${principal.subject}` });
  }

  spend(principal: Principal): Promise<void> {
    return this.#tokens.spend(principal);
  }

  watch(principal: Principal, connection: string, cut: () => void): () => void {
    return this.#revocations.watch(principal, connection, cut);
  }
}
