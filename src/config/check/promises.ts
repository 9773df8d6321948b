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
  prompts !== undefined && some(prompts.deny, prompts.allow, prompts.topics) ? [{ path: ["prompts"], what: "to be held to rules" }] : [];

const answerDemand = ({ answers }: Policy): Demand[] =>
  answers !== undefined && some(answers.deny, answers.keywords, answers.mask) ? [{ path: ["answers"], what: "to be held to rules" }] : [];

const limitDemands = ({ limits }: Policy): Demand[] =>
  (["promptTokens", "outputTokens", "tokensPerDay"] as const).flatMap((limit) =>
    limits?.[limit] === undefined ? [] : [{ path: ["limits", limit], what: "to be counted" }],
  );

const approvalDemand = ({ approval }: Policy): Demand[] =>
  approval === undefined ? [] : [{ path: ["approval"], what: "to be approved by who has seen it" }];

/** Empty where the policy is content with passing on what cannot be read, or only observes. */
const demandsOf = (policy: Policy): readonly Demand[] =>
  policy.effect === "deny" || policy.mode === "observe" || policy.mask?.onUnmaskable === "pass"
    ? []
    : [...maskDemand(policy), ...promptDemand(policy), ...answerDemand(policy), ...limitDemands(policy), ...approvalDemand(policy)];

/** Nothing in its messages can be read, so that every call under such a policy would be refused. */
const isOpaque = ({ protocol, descriptors }: ParsedConnection): boolean =>
  (protocol === "grpc" || protocol === "connect") && descriptors === undefined;

/** An RPC method's operation is called `package.Service/Method`. */
const rpcOperation = /^[^/ ]+\/[^/ ]+$/;

/** Whether a policy can be about an RPC of this connection, its model aside. */
const reaches = ({ match }: Policy, { name }: ParsedConnection): boolean =>
  (match.connections?.includes(name) ?? true) && (match.operations?.some((operation) => rpcOperation.test(operation)) ?? true);

/** Findings about each policy that reaches a connection of which nothing can be read. */
const aboutOpaque =
  (find: (policy: Policy, path: Path, opaque: ParsedConnection) => readonly Finding[]): Check["find"] =>
  ({ policies, connections }) =>
    policies.flatMap((policy, index) => {
      const opaque = connections.find((connection) => isOpaque(connection) && reaches(policy, connection));
      return opaque === undefined ? [] : find(policy, ["policies", index], opaque);
    });

/** A call that cannot be read has no model, so that an allow about models is never about it. */
const readable: Check = {
  reads: ["policies", "connections"],
  find: aboutOpaque((policy, at, opaque) =>
    policy.match.models !== undefined
      ? []
      : demandsOf(policy).map(({ path, what }) => ({
          path: [...at, ...path],
          atKey: true,
          message: `the policy reaches the connection "${opaque.name}", whose messages cannot be read ${what}: give it descriptors, name other connections in match.connections, or set mask.onUnmaskable: pass`,
        })),
  ),
};

/** A deny about models would never fit a call whose model nobody can read: what it forbids would be done. */
const deniedModels: Check = {
  reads: ["policies", "connections"],
  find: aboutOpaque(({ effect, mode, match }, at, opaque) =>
    effect === "allow" || mode === "observe" || match.models === undefined
      ? []
      : [
          {
            path: [...at, "match", "models"],
            atKey: true,
            message: `the policy reaches the connection "${opaque.name}", whose messages do not tell their model: give it descriptors, or name other connections in match.connections`,
          },
        ],
  ),
};

/** Checks of what policies promise. */
export const promiseChecks: readonly Check[] = [readable, deniedModels];
