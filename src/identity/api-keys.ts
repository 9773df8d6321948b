/** Service identities and their API keys, of which only hashes are known. */

import { timingSafeEqual } from "node:crypto";
import { gatewayIssuer, type Principal } from "../envelope/call.ts";
import { present } from "../envelope/present.ts";
import type { KeySettings } from "./settings.ts";

interface Known {
  readonly hash: Buffer;
  readonly principal: Promise<Principal>;
}

const knownOf = ({ name, kind, groups, owner, apiKeyHash }: KeySettings): Known => ({
  hash: Buffer.from(apiKeyHash, "hex"),
  principal: Promise.resolve({ kind, issuer: gatewayIssuer, subject: name, name, email: undefined, groups, ...present({ owner }) }),
});

export class ApiKeys {
  readonly #known: ReadonlyMap<string, Known>;

  constructor(identities: readonly KeySettings[]) {
    this.#known = new Map(identities.map((identity) => [identity.apiKeyHash, knownOf(identity)]));
  }

  /** Whom the key with this SHA-256 (lower-case hexadecimal) belongs to. The comparison that decides takes the same time whatever differs. */
  ownerOf(hash: string): Promise<Principal> | undefined {
    const known = this.#known.get(hash);
    if (known === undefined) return undefined;
    return timingSafeEqual(known.hash, Buffer.from(hash, "hex")) ? known.principal : undefined;
  }
}
