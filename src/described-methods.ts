/** Whether what policies demand of single RPC methods can be kept: descriptors that are there may still not have the method. */

import type { DescribedMethods } from "../adapters/rpc/index.ts";
import type { Finding, PolicyConfig } from "./config/index.ts";
import type { Connection } from "./envelope/call.ts";

/** How a policy names an RPC method: `package.Service/Method`. */
const methodName = /^(?<service>[^/ ]+)\/(?<method>[^/ ]+)$/;

/** Whether the policy must read what it allows. */
const mustRead = ({ effect, mode, mask, prompts, promptTokens, approval }: PolicyConfig): boolean => {
  if (effect === "deny" || mode === "observe" || mask?.onUnmaskable === "pass") return false;
  return mask !== undefined || prompts.deny.length + prompts.allow.length > 0 || promptTokens !== undefined || approval !== undefined;
};

const isRpc = ({ protocol }: Connection): boolean => protocol === "grpc" || protocol === "connect";

const describes = (messages: DescribedMethods, operation: string, connection: Connection): boolean => {
  const { service = "", method = "" } = methodName.exec(operation)?.groups ?? {};
  return messages.method(connection, service, method) !== undefined;
};

/** A finding at each method that a policy names and must read, and that no connection which it reaches describes. */
export const undescribedMethods = (
  messages: DescribedMethods,
  policies: readonly PolicyConfig[],
  connections: readonly Connection[],
): readonly Finding[] =>
  policies.flatMap((policy, index) => {
    const { match } = policy;
    const reached = connections.filter((connection) => isRpc(connection) && (match.connections?.includes(connection.name) ?? true));
    if (reached.length === 0 || !mustRead(policy)) return [];
    return (match.operations ?? []).flatMap((operation, at): Finding[] => {
      if (!methodName.test(operation) || reached.some((connection) => describes(messages, operation, connection))) return [];
      const message = "no connection that the policy reaches has descriptors of this method: what it demands could not be kept";
      return [{ path: ["policies", index, "match", "operations", at], message }];
    });
  });
