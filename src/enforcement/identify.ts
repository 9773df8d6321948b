/** Stage 2: who is calling. */

import type { Call } from "../envelope/call.ts";
import type { Ledger } from "./ledger.ts";
import type { Ports } from "./ports.ts";
import { type Identified, proven } from "./stages.ts";

/** Rejects with `credential_missing`, `credential_invalid` or `credential_revoked`; the record learns the name as soon as we do. */
export const identify = async (ports: Ports, call: Call, ledger: Ledger): Promise<Identified> => {
  const policies = ports.policies();
  const principal = await ports.identities.identify(call);
  ledger.identified(principal);
  return proven<Identified>({ principal, policies });
};
