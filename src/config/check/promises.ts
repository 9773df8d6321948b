/** A configuration that promises what cannot be enforced is refused (ARCHITECTURE.md 1.2), with the reason. */

import type { Finding, Path } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import type { Check } from "./check.ts";

type Policy = Parsed["policies"][number];
type ParsedConnection = Parsed["connections"][number];

/** What a policy demands of the content of calls, and where it says so. */
interface Demand {
  readonly path: Path;
  readonly what: string;
}

const some = (...lists: readonly (readonly unknown[])[]): boolean => lists.some((list) => list.length > 0);

const maskDemand = ({ mask }: Policy): Demand[] =>
  mask !== undefined && some(mask.request, mask.response, mask.custom, mask.keys) ? [{ path: ["mask"], what: "to be masked" }] : [];

const promptDemand = ({ prompts }: Policy): Demand[] =>
  prompts !== undefined && some(prompts.deny, prompts.allow) ? [{ path: ["prompts"], what: "to be held to rules" }] : [];

const limitDemand = ({ limits }: Policy): Demand[] =>
  limits?.promptTokens === undefined ? [] : [{ path: ["limits", "promptTokens"], what: "to be counted" }];

const approvalDemand = ({ approval }: Policy): Demand[] =>
  approval === undefined ? [] : [{ path: ["approval"], what: "to be approved by who has seen it" }];

/** Empty where the policy is content with passing on what cannot be read. */
const demandsOf = (policy: Policy): readonly Demand[] =>
  policy.effect === "deny" || policy.mask?.onUnmaskable === "pass"
    ? []
    : [...maskDemand(policy), ...promptDemand(policy), ...limitDemand(policy), ...approvalDemand(policy)];

/** Nothing in its messages can be read, so that every call under such a policy would be refused. */
const isOpaque = ({ protocol, descriptors }: ParsedConnection): boolean =>
  (protocol === "grpc" || protocol === "connect") && descriptors === undefined;

/** An RPC method's operation is called `package.Service/Method`. */
const rpcOperation = /^[^/ ]+\/[^/ ]+$/;

/** Whether a policy can be about a call that cannot be read: such a call has no model. */
const reaches = ({ match }: Policy, { name }: ParsedConnection): boolean =>
  match.models === undefined &&
  (match.connections?.includes(name) ?? true) &&
  (match.operations?.some((operation) => rpcOperation.test(operation)) ?? true);

const readable: Check = {
  reads: ["policies", "connections"],
  find: ({ policies, connections }) =>
    policies.flatMap((policy, index): Finding[] => {
      const opaque = connections.find((connection) => isOpaque(connection) && reaches(policy, connection));
      if (opaque === undefined) return [];
      return demandsOf(policy).map(({ path, what }) => ({
        path: ["policies", index, ...path],
        atKey: true,
        message: `the policy reaches the connection "${opaque.name}", whose messages cannot be read ${what}: give it descriptors, name other connections in match.connections, or set mask.onUnmaskable: pass`,
      }));
    }),
};

/** Checks of what policies promise. */
export const promiseChecks: readonly Check[] = [readable];
