/** ApprovalService: requests that wait, as their reviewers see and decide them. */

import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { type Approval, type ApprovalDesk, DecisionRefused, type Verdict } from "../../approvals/index.ts";
import { ApprovalService, type WatchApprovalsResponse, WatchApprovalsResponseSchema } from "../../gen/weir/v1/approval_pb.ts";
import { newId } from "../../store/index.ts";
import { approvalMessage, stateNamed, textMessage, voteMessage } from "./approval-message.ts";
import type { Auditing } from "./audit.ts";
import { pageOf, pagePoint, pageSizeOf, pageToken } from "./page.ts";
import { type Authorizing, type Person, requireRole } from "./person.ts";

export interface ApprovalRoutesOptions extends Authorizing, Auditing {
  readonly desk: ApprovalDesk;
}

/** A working day: whoever says yes for longer should write a policy. */
const longestScopeMs = 8 * 60 * 60 * 1000;
/** How often a watch looks for changes, milliseconds. */
const watchMs = 500;
/** Entries that a watch tells of at once. */
const watched = 1_000;
/** Characters of a reviewer's reason: it travels in an error's message. */
const longestReason = 500;

const approvalsPointOf = (token: string) => {
  if (token === "") return undefined;
  const { at, id } = pagePoint(token);
  return { createdAt: at, id };
};

const scopeOf = (duration: Duration | undefined): Verdict["scope"] => {
  if (duration === undefined) return undefined;
  const ms = durationMs(duration);
  if (ms <= 0 || ms > longestScopeMs) throw new ConnectError("A scope is more than nothing and at most eight hours.", Code.InvalidArgument);
  return { id: newId("aps"), until: new Date(Date.now() + ms) };
};

const reasonOf = (reason: string): string => {
  if (reason.length > longestReason) throw new ConnectError(`A reason has at most ${longestReason} characters.`, Code.InvalidArgument);
  return reason;
};

const known = async (desk: ApprovalDesk, id: string): Promise<Approval> => {
  const approval = await desk.store.get(id);
  if (approval === undefined) throw new ConnectError("There is no approval by that id.", Code.NotFound);
  return approval;
};

const decide = async ({ desk, audited }: ApprovalRoutesOptions, person: Person, id: string, verdict: Verdict): Promise<Approval> => {
  await known(desk, id);
  try {
    const details = { reason: verdict.reason, until: verdict.scope?.until };
    const approval = await audited(
      ({ state }: Approval) => ({ by: person, action: `approval.${verdict.verdict}`, object: id, details: { ...details, state } }),
      (also) => desk.store.decide(id, person, { ...verdict, also }),
    );
    await desk.refresh();
    return approval;
  } catch (thrown) {
    if (thrown instanceof DecisionRefused) throw new ConnectError(thrown.message, Code.FailedPrecondition);
    throw thrown;
  }
};

/** Pending entries first, then every change of those and whatever is opened later, for as long as whoever watches may. */
async function* watch(options: ApprovalRoutesOptions, context: HandlerContext): AsyncGenerator<WatchApprovalsResponse> {
  const { desk } = options;
  const { signal } = context;
  const told = new Map<string, Approval["state"]>();
  while (!signal.aborted) {
    await requireRole(options, context, "reviewer", "admin");
    const entries = await desk.store.list(undefined, undefined, watched);
    for (const entry of entries.toReversed()) {
      const before = told.get(entry.id);
      if (before === entry.state || (before === undefined && entry.state !== "pending")) continue;
      told.set(entry.id, entry.state);
      yield create(WatchApprovalsResponseSchema, { approval: approvalMessage(entry) });
    }
    await sleep(watchMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Registers ApprovalService. */
export const approvalRoutes =
  (options: ApprovalRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { desk } = options;
    router.service(ApprovalService, {
      async listApprovals({ pageSize, pageToken: token, state }, context) {
        await requireRole(options, context, "reviewer", "admin");
        const size = pageSizeOf(pageSize);
        const found = await desk.store.list(stateNamed(state), approvalsPointOf(token), size + 1);
        const { page, next } = pageOf(found, size, ({ createdAt, id }) => pageToken(createdAt, id));
        return { approvals: page.map(approvalMessage), nextPageToken: next };
      },
      async getApproval({ id }, context) {
        const person = await requireRole(options, context, "reviewer");
        const approval = await known(desk, id);
        const refused = await desk.store.whyNot(approval, person);
        if (refused !== undefined) throw new ConnectError(refused, Code.PermissionDenied);
        const sealed = await desk.store.texts(id);
        await options.recordReading({ by: person, action: "approval.read", object: id, details: {} });
        const texts = sealed === undefined ? [] : desk.texts.open(id, sealed);
        return {
          approval: approvalMessage(approval),
          texts: texts.map(textMessage),
          votes: (await desk.store.votes(id)).map(voteMessage),
        };
      },
      async approveRequest({ id, reason, scope }, context) {
        const person = await requireRole(options, context, "reviewer");
        const verdict = { verdict: "approve", reason: reasonOf(reason), scope: scopeOf(scope) } as const;
        return { approval: approvalMessage(await decide(options, person, id, verdict)) };
      },
      async denyRequest({ id, reason }, context) {
        const person = await requireRole(options, context, "reviewer");
        const verdict = { verdict: "deny", reason: reasonOf(reason), scope: undefined } as const;
        return { approval: approvalMessage(await decide(options, person, id, verdict)) };
      },
      async *watchApprovals(_request, context) {
        yield* watch(options, context);
      },
    });
  };
