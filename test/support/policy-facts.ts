/** Policies and the questions put to them, as tests write them: only what the test is about. */

import type { Decision, Facts, PolicyDocument } from "../../policy/index.ts";
import type { Program } from "../../policy/masking/index.ts";
import type { Principal } from "../../src/envelope/call.ts";

/** A policy that allows everything of inference, records everything and masks nothing, but for what is given. */
export const policy = (name: string, given: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name,
  match: {},
  effect: "allow",
  promptTokens: undefined,
  outputTokens: undefined,
  answers: undefined,
  quota: undefined,
  prompts: { deny: [], allow: [] },
  approval: undefined,
  mask: undefined,
  record: { request: "masked", response: "masked", retentionDays: 90 },
  ...given,
});

/** A mask in both directions, but for what is given. */
export const masking = (names: readonly string[], given: Partial<NonNullable<PolicyDocument["mask"]>> = {}): PolicyDocument["mask"] => ({
  request: names,
  response: names,
  custom: [],
  keys: [],
  onUnmaskable: "refuse",
  ...given,
});

/** Alice, an analyst whom the issuer `corp` vouches for, but for what is given. */
export const principal = (given: Partial<Principal> = {}): Principal => ({
  kind: "human",
  issuer: "corp",
  subject: "alice",
  name: "alice",
  email: undefined,
  groups: ["analysts"],
  ...given,
});

/** Who has no credential. */
export const nobody: Principal = {
  kind: "anonymous",
  issuer: "weir",
  subject: "anonymous",
  name: "anonymous",
  email: undefined,
  groups: [],
};

/** Alice's chat with gpt-4o on the connection gpt, but for what is given. */
export const facts = (given: Partial<Facts> = {}): Facts => ({
  principal: principal(),
  connection: "gpt",
  model: "gpt-4o",
  operation: { name: "chat.completions", class: "inference" },
  features: [],
  tools: [],
  at: Date.UTC(2026, 0, 7, 12),
  remoteAddress: "127.0.0.1",
  ...given,
});

/** What an allowing decision obliges to; a denying one fails the test. */
export const obligationsOf = (decision: Decision) => {
  if (decision.effect === "deny") throw new Error(`denied: ${decision.sentence}`);
  return decision.obligations;
};

/** The names of a program's detectors. */
export const detectorNames = (program: Program | undefined): readonly string[] | undefined => program?.detectors.map(({ name }) => name);
