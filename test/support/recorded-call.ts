/** Calls, principals and requests to record. */

import { randomBytes } from "node:crypto";
import type { RecordedText, RequestRecord } from "../../src/enforcement/ports.ts";
import type { Call, Principal } from "../../src/envelope/call.ts";
import { type Lane, lane, type MaskedText } from "../../src/envelope/text.ts";

export const alice: Principal = {
  kind: "human",
  issuer: "https://id.example.com",
  subject: "00u1alice",
  name: "alice",
  email: "alice@example.com",
  groups: ["analysts", "staff"],
};

/** A call that has just arrived. */
export const makeCall = (changes: Partial<Call> = {}): Call => ({
  id: randomBytes(16).toString("hex"),
  receivedAt: Date.now(),
  surface: "openai",
  method: "POST",
  operation: { name: "chat.completions", class: "inference" },
  route: { connection: undefined, host: "gateway.internal", path: "/v1/chat/completions", shape: "openai" },
  direction: { surface: "openai", path: "/v1/chat/completions", operations: [] },
  credentials: [],
  remoteAddress: "192.0.2.7",
  prefersNotToWait: false,
  deadline: undefined,
  signal: new AbortController().signal,
  ...changes,
});

/** Text as the core hands it to the record. Tests stand in for the masker here, and nowhere else. */
export const masked = (text: string): MaskedText => text as MaskedText;

export const userText = (text: string): RecordedText => ({ path: ["messages", 0, "content"], author: "user", text: masked(text) });

/** An allowed request of alice's. */
export const makeRequest = (texts: readonly RecordedText[], changes: Partial<RequestRecord> = {}): RequestRecord => ({
  principal: alice,
  connection: "gpt",
  model: "gpt-4o-mini",
  decision: { effect: "deny", rules: ["analysts"], sentence: "allowed by analysts" },
  policyRevision: "0f0f0f0f",
  level: "masked",
  texts,
  retentionDays: 90,
  ...changes,
});

export const answerLane: Lane = lane("choices.0.content");
