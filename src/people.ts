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

const rolesOf = ({ kind, groups }: Principal, roles: Roles): ReadonlySet<PersonRole> => {
  const held = (["admin", "reviewer", "auditor"] as const).filter((role) => roles[role].some((group) => groups.includes(group)));
  return new Set<PersonRole>(kind === "anonymous" ? [] : [plainRole, ...held]);
};

const valuesOf = (headers: Headers, name: string): readonly [string, string[]][] => {
  const value = headers.get(name);
  return value === null ? [] : [[name, [value]]];
};

/**
 * Says who asks, by the credential in the request's headers: the same kinds as on the main port. Rejects with `unauthenticated`; nobody is anonymous here.
 * A repeated header reaches us joined by a comma, which no credential has, so it is refused as well.
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
      const { issuer, subject, name, groups } = principal;
      return { issuer, subject, name, groups, roles: rolesOf(principal, roles()) };
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      throw new ConnectError(error.message, error.ruling.grpc === "unauthenticated" ? Code.Unauthenticated : Code.Internal);
    }
  };
