/** `weir approvals`: requests that wait, decided at the prompt. */

import type { Duration } from "@bufbuild/protobuf/wkt";
import { Command, Option } from "commander";
import { type Approval, ApprovalService } from "../gen/weir/v1/approval_pb.ts";
import { approvalLine, approvalStates, approvalView, shownObject, shownText } from "./approval-view.ts";
import { parseLength } from "./arguments.ts";
import { addGateway, asking, clientOf, type GatewayOptions, type ShownOptions } from "./gateway-client.ts";
import { addFormat, json, jsonLine, type Output, write } from "./output.ts";
import { everyPage } from "./pages.ts";
import { showList, showOne } from "./view.ts";

const client = (options: GatewayOptions) => clientOf(ApprovalService, options);

type StateName = (typeof approvalStates.all)[number];

const listed = (options: GatewayOptions, name: StateName | undefined): Promise<readonly Approval[]> => {
  const wanted = name === undefined ? {} : { state: approvalStates.valueOf(name) };
  return everyPage(async (page) => {
    const { approvals: items, nextPageToken } = await client(options).listApprovals({ ...page, ...wanted });
    return { items, nextPageToken };
  });
};

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("approvals, the newest first")
    .addOption(new Option("--state <state>", "in this state").choices(approvalStates.all))
    .addHelpText("after", "\nExample:\n  weir approvals list --state pending")
    .action(async (options: ShownOptions & { readonly state?: StateName }) => {
      await showList(output, options.output, approvalView, await asking(options, () => listed(options, options.state)));
    });

const showCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("show")))
    .alias("get")
    .description("one approval with its masked texts, for those who may decide on it; that you read them is recorded")
    .argument("<id>", "the approval's id")
    .addHelpText("after", "\nExample:\n  weir approvals show apr_0123456789abcdef")
    .action(async (id: string, options: ShownOptions) => {
      const shown = await asking(options, () => client(options).getApproval({ id }));
      await write(output, options.output === "json" ? json(shownObject(shown)) : shownText(shown));
    });

const approveCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("approve")))
    .description("agrees to one request, or with --for to all like it for a time")
    .argument("<id>", "the approval's id")
    .option("--reason <text>", "why, for the record", "")
    .option("--for <time>", "the same caller, model and connection for so long, at most 8h", parseLength)
    .addHelpText("after", "\nExample:\n  weir approvals approve apr_0123456789abcdef --for 1h")
    .action(async (id: string, options: ShownOptions & { readonly reason: string; readonly for?: Duration }) => {
      const scope = options.for === undefined ? {} : { scope: options.for };
      const { approval } = await asking(options, () => client(options).approveRequest({ id, reason: options.reason, ...scope }));
      await showOne(output, options.output, approvalView, approval);
    });

const denyCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("deny")))
    .description("refuses one request")
    .argument("<id>", "the approval's id")
    .requiredOption("--reason <text>", "why; the caller is told")
    .addHelpText("after", '\nExample:\n  weir approvals deny apr_0123456789abcdef --reason "not without a ticket"')
    .action(async (id: string, options: ShownOptions & { readonly reason: string }) => {
      const { approval } = await asking(options, () => client(options).denyRequest({ id, reason: options.reason }));
      await showOne(output, options.output, approvalView, approval);
    });

const watchCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("watch")), "lines")
    .description("tells of approvals as they are opened and as they end, until interrupted: a line each; as json, an object a line")
    .addHelpText("after", "\nExamples:\n  weir approvals watch\n  weir approvals watch -o json | jq -r .id")
    .action((options: ShownOptions) =>
      asking(options, async () => {
        for await (const { approval } of client(options).watchApprovals({}))
          if (approval !== undefined)
            await write(output, options.output === "json" ? jsonLine(approvalView.object(approval)) : approvalLine(approval));
      }),
    );

/** The commands about approvals. */
export const approvalsCommand = (output: Output): Command =>
  new Command("approvals")
    .description("list, show and decide requests that wait for a person")
    .addCommand(listCommand(output))
    .addCommand(showCommand(output))
    .addCommand(approveCommand(output))
    .addCommand(denyCommand(output))
    .addCommand(watchCommand(output))
    .addHelpText("after", "\nExample:\n  weir approvals list --state pending");
