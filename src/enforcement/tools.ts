/** Which tools a request may offer to a model, and the model may call. */

import type { Obligations, ToolRules } from "../../policy/obligations.ts";
import { GatewayError, type Reason } from "../envelope/error.ts";
import type { Batches } from "../envelope/exchange.ts";
import type { CalledTool, TextCodec } from "../envelope/message.ts";

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

/** UTF-16 code units of a name that comes in pieces: far above what the APIs take. */
const longestName = 1_024;
/** Calls of one answer whose names may come in pieces: far above what any model makes. */
const mostCalls = 4_096;

/**
 * What one answer has called so far. Names come whole, as a rule. Where an upstream cuts one, some clients join the pieces and some keep the last: a piece must be
 * allowed as it is, and so must the name that it makes with those before it. So nobody ever has the whole of a name that is not allowed; and one that is
 * allowed, but whose pieces are not, is refused too.
 */
class CalledNames {
  readonly #begun = new Map<string, string>();

  /** The names that clients may read out of a message's piece. Throws `response_blocked` where there are too many, or one is too long. */
  readings({ name, pieceOf }: CalledTool): readonly string[] {
    if (name === "") return [];
    const before = pieceOf === undefined ? undefined : this.#begun.get(pieceOf);
    // Some upstreams say the whole name with every piece of the arguments.
    if (pieceOf === undefined || before === name) return [name];
    const joined = (before ?? "") + name;
    if (joined.length > longestName || this.#begun.size >= mostCalls)
      throw new GatewayError("response_blocked", undefined, { note: "names of tools that the model calls are too long, or too many" });
    this.#begun.set(pieceOf, joined);
    return before === undefined ? [name] : [name, joined];
  }
}

const checkEachCall = (rules: ToolRules, names: CalledNames, calls: readonly CalledTool[]): void => {
  for (const call of calls) checkEach(rules, "response_blocked", names.readings(call));
};

/** Throws `response_blocked` where a whole answer calls a tool that some policy does not allow. */
export const checkCalled = <A>({ tools }: Obligations, codec: TextCodec<A>, message: A): void => {
  if (tools !== undefined && codec.calls !== undefined) checkEachCall(tools, new CalledNames(), codec.calls(message));
};

async function* checked<A>(rules: ToolRules, codec: TextCodec<A>, batches: Batches<A>): AsyncGenerator<readonly A[]> {
  const names = new CalledNames();
  for await (const batch of batches) {
    for (const message of batch) checkEachCall(rules, names, codec.calls?.(message) ?? []);
    yield batch;
  }
}

/** The same batches, until one calls a tool that some policy does not allow: then it throws `response_blocked`. The very same where none asks. */
export const withoutForeignCalls = <A>({ tools }: Obligations, codec: TextCodec<A>, batches: Batches<A>): Batches<A> =>
  tools === undefined || codec.calls === undefined ? batches : checked(tools, codec, batches);
