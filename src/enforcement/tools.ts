/** Which tools a request may offer to a model, and the model may call. */

import type { Obligations, ToolRules } from "../../policy/obligations.ts";
import { GatewayError, type Reason } from "../envelope/error.ts";
import type { Batches } from "../envelope/exchange.ts";
import type { TextCodec } from "../envelope/message.ts";

/** Names as the APIs take them; what else stands in the place of one is not repeated on record. */
const nameForm = /^[A-Za-z0-9_.:-]{1,128}$/;

const shown = (tool: string): string => (nameForm.test(tool) ? tool : "of a name that is none");

const refuse = (reason: Reason, tool: string, policies: readonly string[]): GatewayError =>
  new GatewayError(reason, reason === "access_denied" ? "You may not offer this tool to the model." : undefined, {
    note: `the tool ${shown(tool)} is not allowed by ${policies.join(" and ")}`,
  });

const checkEach = (rules: ToolRules, reason: Reason, tools: readonly string[]): void => {
  for (const tool of tools) {
    const policies = rules.refusedBy(tool);
    if (policies.length > 0) throw refuse(reason, tool, policies);
  }
};

/** Throws `access_denied` where a request offers a tool that some policy does not allow. */
export const checkOffered = ({ tools }: Obligations, offered: readonly string[]): void => {
  if (tools !== undefined) checkEach(tools, "access_denied", offered);
};

/** What policies that only observe would have refused, in words; undefined: nothing. */
export const wouldRefuse = ({ observed, tools }: Obligations, offered: readonly string[]): string | undefined => {
  for (const tool of offered) {
    const known = tools?.refusedBy(tool) ?? [];
    const policies = (observed?.tools?.refusedBy(tool) ?? []).filter((policy) => !known.includes(policy));
    if (policies.length > 0) return `The tool ${shown(tool)} would be refused by ${policies.join(" and ")}.`;
  }
  return undefined;
};

/**
 * Throws `response_blocked` where a message of an answer calls a tool that some policy does not allow. Names come whole in every API; a piece of one is
 * held to the rules like a name.
 */
export const checkCalled = <A>({ tools }: Obligations, codec: TextCodec<A>, message: A): void => {
  if (tools === undefined) return;
  const called = codec.calls?.(message).map(({ text }) => text) ?? [];
  checkEach(
    tools,
    "response_blocked",
    called.filter((name) => name !== ""),
  );
};

async function* checked<A>(obligations: Obligations, codec: TextCodec<A>, batches: Batches<A>): AsyncGenerator<readonly A[]> {
  for await (const batch of batches) {
    for (const message of batch) checkCalled(obligations, codec, message);
    yield batch;
  }
}

/** The same batches, until one calls a tool that some policy does not allow: then it throws `response_blocked`. The very same where none asks. */
export const withoutForeignCalls = <A>(obligations: Obligations, codec: TextCodec<A>, batches: Batches<A>): Batches<A> =>
  obligations.tools === undefined || codec.calls === undefined ? batches : checked(obligations, codec, batches);
