/** Wishes for a person's yes, and how they end. */

import { randomBytes } from "node:crypto";
import type { Reviewer } from "../../src/approvals/index.ts";
import type { ApprovalWish } from "../../src/enforcement/index.ts";
import type { MaskedText } from "../../src/envelope/text.ts";
import { alone } from "./database.ts";
import { makeCall, makeRequest } from "./recorded-call.ts";

export const security: Reviewer = { issuer: "corp", subject: "carol", name: "carol", groups: ["security"] };
export const second: Reviewer = { issuer: "corp", subject: "dave", name: "dave", groups: ["security"] };

/** How its caller leaves. */
export interface Leaving {
  readonly leave: AbortController;
}

/** A wish of its own kind unless its body is given. */
export const wish = (rest: Partial<ApprovalWish> & { body?: string } = {}): ApprovalWish & Leaving => {
  const leave = new AbortController();
  const { principal } = makeRequest([]);
  return {
    call: makeCall(),
    leave,
    signal: leave.signal,
    principal,
    connection: { name: "gpt", revision: "1" },
    model: "gpt-4o",
    policyRevision: "7",
    rules: [{ policy: "careful", reasons: ['keyword "export"'], reviewers: { groups: ["security"], count: 1 }, expires: 60_000 }],
    texts: [{ path: ["messages", 0, "content"], author: "user", text: "export [EMAIL]" as MaskedText }],
    unseen: ["an image"],
    exact: ["POST", "/v1/chat/completions", rest.body ?? randomBytes(8).toString("hex")],
    ...rest,
  };
};

/** What a reviewer says who agrees to one request. */
export const yes = { verdict: "approve", reason: "", scope: undefined, also: alone } as const;

/** How a wait ended: `passed`, or the reason of its refusal. */
export const outcome = (settling: Promise<unknown>): Promise<string> =>
  settling.then(
    () => "passed",
    (thrown: { reason?: string }) => thrown.reason ?? String(thrown),
  );
