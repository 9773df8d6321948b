/** The management API put together: every service, with who may ask it. */

import type { ConnectRouter } from "@connectrpc/connect";
import type { AccessKeeping } from "./access.ts";
import type { Config } from "./config/index.ts";
import type { ConnectionRegistry } from "./connections/index.ts";
import {
  type Auditing,
  approvalRoutes,
  auditRoutes,
  configurationRoutes,
  connectionRoutes,
  identityRoutes,
  type Person,
  policyRoutes,
  sessionRoutes,
  tokenRoutes,
} from "./console/api/index.ts";
import type { Declarations } from "./declared/index.ts";
import { gatewayIssuer } from "./envelope/call.ts";
import { type Revocable, recordAuditEvent } from "./identity/index.ts";
import { changeNotice } from "./notices.ts";
import type { RecordKeeping } from "./record.ts";

export interface ManagementParts {
  readonly record: RecordKeeping;
  readonly access: AccessKeeping;
  readonly declarations: Declarations;
  readonly authorize: (headers: Headers) => Promise<Person>;
  /** The configuration in force at this moment. */
  readonly config: () => Config;
  readonly connections: Pick<ConnectionRegistry, "names">;
}

/** Whether there is an issuer or a connection to take away; tokens and identities may be known to nobody yet. */
const isConfigured =
  ({ config, connections }: ManagementParts) =>
  (revocable: Revocable): boolean => {
    switch (revocable.kind) {
      case "token":
      case "identity":
        return true;
      case "issuer":
        return revocable.name === gatewayIssuer || config().issuers.some(({ name }) => name === revocable.name);
      case "connection":
        return connections.names.includes(revocable.name);
    }
  };

/** Events with their changes, and notices of those that stand. */
const auditing = ({ pool, notifier }: Pick<AccessKeeping, "pool" | "notifier">): Auditing => ({
  audited: async (eventOf, make) => {
    let written: ReturnType<typeof eventOf> | undefined;
    const result = await make(async (transaction, ...made) => {
      written = eventOf(...made);
      await recordAuditEvent(transaction, written);
    });
    const notice = written && changeNotice(written);
    if (notice !== undefined) notifier.tell(notice);
    return result;
  },
  recordReading: (reading) => recordAuditEvent(pool, reading),
});

/** Registers every service of the management API. */
export const managementRoutes = (parts: ManagementParts): ((router: ConnectRouter) => void) => {
  const { record, access, declarations, authorize, config } = parts;
  const { pool, keys, seen, revocations, approvals } = access;
  const common = { authorize, ...auditing(access) };
  const routes = [
    sessionRoutes({ ...record.reading, authorize }),
    auditRoutes({ authorize, pool }),
    approvalRoutes({ ...common, desk: approvals }),
    tokenRoutes({ ...common, keys, revocations, isConfigured: isConfigured(parts) }),
    connectionRoutes({ authorize, declarations }),
    policyRoutes({ authorize, declarations, policyRevision: () => config().policyRevision }),
    configurationRoutes({ authorize, declarations }),
    identityRoutes({
      ...common,
      seen,
      keys,
      revocations,
      isDeclared: (name) => config().identities.some((identity) => identity.name === name),
    }),
  ];
  return (router) => {
    for (const register of routes) register(router);
  };
};
