/** Who asks on the admin listener, and what they may be there (ARCHITECTURE.md 1.8). */

import { Code, ConnectError } from "@connectrpc/connect";
import type { Roles } from "./config/index.ts";
import type { Person, PersonRole } from "./console/api/index.ts";
import type { Principal } from "./envelope/call.ts";
import { GatewayError } from "./envelope/error.ts";
import type { Directory } from "./identity/index.ts";
import { presentedCredentials } from "./listener/index.ts";

/** The role that everybody known has. */
const plainRole: PersonRole = "user";

/** A token or key that is good for some connections, models or operations, or for a number of requests, was given away for those and opens nothing here. */
const isNarrow = ({ grant }: Principal): boolean =>
  grant !== undefined && (grant.counted || Object.values(grant.scope).some((part) => part !== undefined));

/** An approval is a person's yes: what runs by itself gives none. */
const runsByItself = ({ kind }: Principal): boolean => kind === "agent" || kind === "ci";

const rolesOf = (principal: Principal, roles: Roles): ReadonlySet<PersonRole> => {
  const { kind, groups } = principal;
  if (isNarrow(principal)) return new Set([plainRole]);
  const held = (["admin", "reviewer", "auditor"] as const).filter((role) => roles[role].some((group) => groups.includes(group)));
  const fit = held.filter((role) => role !== "reviewer" || !runsByItself(principal));
  return new Set<PersonRole>(kind === "anonymous" ? [] : [plainRole, ...fit]);
};

const valuesOf = (headers: Headers, name: string): readonly [string, string[]][] => {
  const value = headers.get(name);
  return value === null ? [] : [[name, [value]]];
};

/**
 * Says who asks, by the credential in the request's headers: the same kinds as on the main port. Rejects with `unauthenticated`; nobody is anonymous here.
 * Repeated headers do not come this far: the admin listener refuses them.
 */
export const authorizePeople =
  (identities: Pick<Directory, "identify">, roles: () => Roles) =>
  async (headers: Headers): Promise<Person> => {
    try {
      const credentials = presentedCredentials(
        new Map(["authorization", "api-key", "x-api-key"].flatMap((name) => valuesOf(headers, name))),
      );
      if (credentials.length === 0) throw new GatewayError("credential_missing");
      const principal = await identities.identify({ credentials });
      const { issuer, subject, name, email, groups, owner } = principal;
      return { issuer, subject, name, email, groups, ...(owner === undefined ? {} : { owner }), roles: rolesOf(principal, roles()) };
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      throw new ConnectError(error.message, error.ruling.grpc === "unauthenticated" ? Code.Unauthenticated : Code.Internal);
    }
  };
