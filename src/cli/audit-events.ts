/** `weir audit list`: who changed what. */

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Command } from "commander";
import { present } from "../envelope/present.ts";
import { type AuditEvent, AuditService } from "../gen/weir/v1/audit_pb.ts";
import { limitOption, parseTime, timeText } from "./arguments.ts";
import { addGateway, asking, clientOf, type ShownOptions } from "./gateway-client.ts";
import { addFormat, type Output } from "./output.ts";
import { everyPage } from "./pages.ts";
import { showList, type View } from "./view.ts";

interface Filter {
  readonly by?: string;
  readonly action?: string;
  readonly object?: string;
  readonly since?: Timestamp;
  readonly until?: Timestamp;
}

interface ListOptions extends ShownOptions, Filter {
  readonly limit: number;
}

/** Details on one line of a table, UTF-16 code units: the whole of them is in `-o json`. */
const longestDetails = 60;

const detailsText = ({ details = {} }: AuditEvent): string => {
  const text = Object.keys(details).length === 0 ? "" : JSON.stringify(details);
  return text.length <= longestDetails ? text : `${text.slice(0, longestDetails - 1)}…`;
};

const eventView: View<AuditEvent> = {
  head: ["ID", "AT", "BY", "ACTION", "OBJECT", "DETAILS"],
  row: (event) => [event.id, timeText(event.at) ?? "", event.by?.name ?? "", event.action, event.object, detailsText(event)],
  object: ({ id, at, by, action, object, details }) => ({
    id,
    at: timeText(at),
    by: by && { issuer: by.issuer, subject: by.subject, name: by.name },
    action,
    object,
    details,
  }),
};

const filterOf = ({ by, action, object, since, until }: Filter): Filter => present<Filter>({ by, action, object, since, until });

const listed = (options: ListOptions): Promise<readonly AuditEvent[]> => {
  const filter = filterOf(options);
  return everyPage(async (page) => {
    const { events: items, nextPageToken } = await clientOf(AuditService, options).listAuditEvents({ ...page, ...filter });
    return { items, nextPageToken };
  }, options.limit);
};

/** `weir audit list`. */
export const listEventsCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("who changed access, approvals and configuration, the newest first")
    .addOption(limitOption())
    .option("--by <name>", "by whom")
    .option("--action <action>", "of this action: identity.disable, policy.update, approval.approve ...")
    .option("--object <name>", "about this name or id")
    .option("--since <time>", "then or later, such as 2026-01-31T08:00:00Z", parseTime)
    .option("--until <time>", "before then", parseTime)
    .addHelpText("after", "\nExample:\n  weir audit list --action policy.update --since 2026-01-31T08:00:00Z")
    .action(async (options: ListOptions) => {
      await showList(output, options.output, eventView, await asking(options, () => listed(options)));
    });
