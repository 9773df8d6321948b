/** `weir approvals`: requests that wait, decided at the prompt. */

import { create } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { Command, Option } from "commander";
import { type Approval, ApprovalService, ListApprovalsRequestSchema } from "../gen/weir/v1/approval_pb.ts";
import {
  type ApprovalStateName,
  approvalHead,
  approvalObject,
  approvalRow,
  approvalStateNames,
  approvalStateOf,
  shownLines,
  shownObject,
} from "./approval-view.ts";
import { parseLength } from "./arguments.ts";
import { addGateway, asking, clientOf, type GatewayOptions } from "./gateway-client.ts";
import { addFormat, type Format, json, type Output, table, write } from "./output.ts";

interface Shown extends GatewayOptions {
  readonly output: Format;
}

const client = (options: GatewayOptions) => clientOf(ApprovalService, options);

const show = (output: Output, format: Format, approvals: readonly Approval[]): Promise<void> =>
  write(output, format === "json" ? json(approvals.map(approvalObject)) : table(approvalHead, approvals.map(approvalRow)));

const showOne = (output: Output, format: Format, approval: Approval | undefined): Promise<void> =>
  approval === undefined
    ? Promise.resolve()
    : write(output, format === "json" ? json(approvalObject(approval)) : table(approvalHead, [approvalRow(approval)]));

const listed = async (options: Shown, state: ApprovalStateName | undefined): Promise<readonly Approval[]> => {
  const found: Approval[] = [];
  for (let pageToken = ""; ; ) {
    const wanted = state === undefined ? {} : { state: approvalStateOf(state) };
    const page = await client(options).listApprovals(create(ListApprovalsRequestSchema, { pageToken, ...wanted }));
    found.push(...page.approvals);
    if (page.nextPageToken === "") return found;
    pageToken = page.nextPageToken;
  }
};

const listCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("list")))
    .description("approvals, the newest first")
    .addOption(new Option("--state <state>", "in this state").choices(approvalStateNames))
    .addHelpText("after", "\nExample:\n  weir approvals list --state pending")
    .action(async (options: Shown & { readonly state?: ApprovalStateName }) => {
      await show(output, options.output, await asking(options, () => listed(options, options.state)));
    });

const showCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("show")))
    .alias("get")
    .description("one approval with its masked texts; that you read them is recorded")
    .argument("<id>", "the approval's id")
    .addHelpText("after", "\nExample:\n  weir approvals show apr_0123456789abcdef")
    .action(async (id: string, options: Shown) => {
      const shown = await asking(options, () => client(options).getApproval({ id }));
      await write(output, options.output === "json" ? json(shownObject(shown)) : table(["FIELD", "VALUE"], shownLines(shown)));
    });

const approveCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("approve")))
    .description("agrees to one request, or with --for to all like it for a time")
    .argument("<id>", "the approval's id")
    .option("--reason <text>", "why, for the record", "")
    .option("--for <time>", "the same caller, model and connection for so long, at most 8h", parseLength)
    .addHelpText("after", "\nExample:\n  weir approvals approve apr_0123456789abcdef --for 1h")
    .action(async (id: string, options: Shown & { readonly reason: string; readonly for?: Duration }) => {
      const scope = options.for === undefined ? {} : { scope: options.for };
      const { approval } = await asking(options, () => client(options).approveRequest({ id, reason: options.reason, ...scope }));
      await showOne(output, options.output, approval);
    });

const denyCommand = (output: Output): Command =>
  addFormat(addGateway(new Command("deny")))
    .description("refuses one request")
    .argument("<id>", "the approval's id")
    .requiredOption("--reason <text>", "why; the caller is told")
    .addHelpText("after", '\nExample:\n  weir approvals deny apr_0123456789abcdef --reason "not without a ticket"')
    .action(async (id: string, options: Shown & { readonly reason: string }) => {
      const { approval } = await asking(options, () => client(options).denyRequest({ id, reason: options.reason }));
      await showOne(output, options.output, approval);
    });

const watchCommand = (output: Output): Command =>
  addGateway(new Command("watch"))
    .description("tells of approvals as they are opened and as they end, until interrupted: a JSON object a line")
    .addHelpText("after", "\nExample:\n  weir approvals watch")
    .action((options: GatewayOptions) =>
      asking(options, async () => {
        for await (const { approval } of client(options).watchApprovals({}))
          if (approval !== undefined) await write(output, `${JSON.stringify(approvalObject(approval))}\n`);
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
