/** Who asks the management API, and what they may be there (ARCHITECTURE.md 1.8). */

import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { Principal } from "../../envelope/call.ts";
import type { Reader } from "../../sessions/index.ts";

export type PersonRole = "admin" | "reviewer" | "auditor" | "user";

/** Who asks, as their credential proves. */
export interface Person extends Reader, Pick<Principal, "owner"> {
  readonly email?: string | undefined;
  readonly roles: ReadonlySet<PersonRole>;
  readonly groups: readonly string[];
}

export interface Authorizing {
  /** Says who asks, from the request's headers. Rejects with a ConnectError (`unauthenticated`). */
  readonly authorize: (headers: Headers) => Promise<Person>;
}

/** Whoever asks, if they hold one of the roles. Rejects with `permission_denied` otherwise. */
export const requireRole = async (
  { authorize }: Authorizing,
  { requestHeader }: HandlerContext,
  ...roles: readonly PersonRole[]
): Promise<Person> => {
  const person = await authorize(requestHeader);
  if (!roles.some((role) => person.roles.has(role)))
    throw new ConnectError(`This needs the role ${roles.join(" or ")}.`, Code.PermissionDenied);
  return person;
};
