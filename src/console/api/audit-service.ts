/** AuditService: who changed what. */

import { create, type JsonObject } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { type AuditEvent, AuditEventSchema, AuditService, type ListAuditEventsRequest } from "../../gen/weir/v1/audit_pb.ts";
import { type AuditFilter, listAuditEvents, type WrittenEvent } from "../../identity/index.ts";
import type { Pool } from "../../store/index.ts";
import { pageOf, pageSizeOf } from "./page.ts";
import { type Authorizing, requireRole } from "./person.ts";

export interface AuditRoutesOptions extends Authorizing {
  /** Of the role `weir_access`. */
  readonly pool: Pool;
}

const eventMessage = ({ id, at, by, action, object, details }: WrittenEvent): AuditEvent =>
  // Read from a jsonb column: plain JSON.
  create(AuditEventSchema, { id, at: timestampFromDate(at), by, action, object, details: details as JsonObject });

const dateOf = (timestamp: Timestamp | undefined): Date | undefined => timestamp && timestampDate(timestamp);

const filterOf = ({ by, action, object, since, until }: ListAuditEventsRequest): AuditFilter => ({
  by,
  action,
  object,
  since: dateOf(since),
  until: dateOf(until),
});

/** The event that a page ended with. Throws `invalid_argument`. */
const pointOf = (token: string): string | undefined => {
  if (token === "") return undefined;
  if (!/^\d{1,18}$/.test(token)) throw new ConnectError("page_token is not one of ours.", Code.InvalidArgument);
  return token;
};

/** Registers AuditService. */
export const auditRoutes =
  (options: AuditRoutesOptions) =>
  (router: ConnectRouter): void => {
    router.service(AuditService, {
      async listAuditEvents(request, context) {
        await requireRole(options, context, "admin", "auditor");
        const size = pageSizeOf(request.pageSize);
        const found = await listAuditEvents(options.pool, filterOf(request), { before: pointOf(request.pageToken), limit: size + 1 });
        const { page, next } = pageOf(found, size, ({ id }) => id);
        return { events: page.map(eventMessage), nextPageToken: next };
      },
    });
  };
