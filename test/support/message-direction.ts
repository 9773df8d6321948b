/** Readers of messages of any type, without a connection. */

import type { DescMessage, Registry } from "@bufbuild/protobuf";
import type { MessageText } from "../../adapters/rpc/messages/index.ts";
import { JsonReader } from "../../adapters/rpc/messages/json-reader.ts";
import { PlanCompiler } from "../../adapters/rpc/messages/plan-compiler.ts";
import { ProtoReader } from "../../adapters/rpc/messages/proto-reader.ts";

export interface DirectionOptions {
  readonly descriptor: DescMessage;
  readonly registry: Registry;
  readonly joined?: readonly string[];
}

/** The messages of a streamed answer. */
export const directionOf = ({ descriptor, registry, joined = [] }: DirectionOptions): MessageText => {
  const compiler = new PlanCompiler(registry, new Set(joined));
  const direction = {
    descriptor,
    registry,
    plan: compiler.plan(descriptor),
    planOf: compiler.planOf,
    streaming: true,
    author: "assistant",
  } as const;
  return { namesModel: false, open: (encoding) => (encoding === "proto" ? new ProtoReader(direction) : new JsonReader(direction)) };
};
