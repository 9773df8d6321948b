/** What readers of both encodings have in common. */

import type { DescMessage, Registry } from "@bufbuild/protobuf";
import { GatewayError } from "../../../src/envelope/error.ts";
import type { TokenUsage } from "../../../src/envelope/message.ts";
import type { Author, Closing, Lane } from "../../../src/envelope/text.ts";
import type { Gathering } from "./gathering.ts";
import type { Lanes, OpenLane } from "./lanes.ts";
import type { ReadMessage } from "./message.ts";
import type { MessagePlan, PlanOf } from "./plan.ts";

/** What one direction of a method says of its messages. */
export interface Direction {
  readonly descriptor: DescMessage;
  readonly registry: Registry;
  readonly plan: MessagePlan;
  readonly planOf: PlanOf;
  /** Whether there can be more than one message. */
  readonly streaming: boolean;
  /** Who writes its text tensors. */
  readonly author: Author;
}

/** Token counts, where a message has both or one. */
export const usageOf = ({ inputTokens, outputTokens }: Gathering): TokenUsage | undefined =>
  inputTokens === undefined && outputTokens === undefined ? undefined : { input: inputTokens ?? 0, output: outputTokens ?? 0 };

/** What a message ends: its own lanes, and those of a request that it is the last answer to. */
export const closingsOf = ({ lanes: named, final, failed, group }: Gathering, lanes: Lanes): readonly Closing[] => {
  const closings: Closing[] = [];
  for (const { lane, joined } of named) if (!joined) closings.push({ lane, complete: true });
  if (group !== undefined && (final || failed)) closings.push(...lanes.close(group, !failed));
  return closings;
};

/** The open lanes that a message shows. */
export const openLanesOf = ({ lanes: named }: Gathering, lanes: Lanes): readonly OpenLane[] =>
  named.flatMap(({ lane, joined }) => (joined ? (lanes.find(lane) ?? []) : []));

/** A message of which nothing can be read. */
export const unreadable = (bytes: Buffer): ReadMessage => ({
  bytes,
  spans: [],
  closings: [],
  visibility: "none",
  models: [],
  maxOutputTokens: undefined,
  usage: undefined,
  onlyText: false,
  rewrite: () => bytes,
});

/** A lane's own message, made by the gateway. */
export const carriedRead = (bytes: Buffer, open: OpenLane, text: string, author: Author): ReadMessage => ({
  ...unreadable(bytes),
  spans: [{ lane: open.lane, author: open.tensor === undefined ? "data" : author, syntax: "plain", path: open.path, text, keyed: true }],
  visibility: "whole",
  onlyText: true,
});

/** The lane of this name; throws a GatewayError `internal` where it is none that runs over the stream. */
export const carriedLane = (lanes: Lanes, lane: Lane): OpenLane => {
  const open = lanes.find(lane);
  if (open === undefined) throw new GatewayError("internal", undefined, { note: "text was held of a lane that cannot carry it" });
  return open;
};

/** The bytes as a Buffer over the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
