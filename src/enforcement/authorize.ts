/** Stage 3: which connection the call is for, and whether policy allows it. */

import type { Decision, Facts, PolicySet } from "../../policy/decision.ts";
import type { Call, Connection, Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Incoming } from "../envelope/exchange.ts";
import type { Ledger } from "./ledger.ts";
import type { Ports } from "./ports.ts";
import { recordedModel } from "./recorded-names.ts";
import { checkScope, scopeHasModel, scopeReaches } from "./scope.ts";
import { type Identified, type Permitted, proven } from "./stages.ts";
import { checkOffered, wouldRefuse } from "./tools.ts";

type Connections = readonly [Connection, ...Connection[]];

/** Who asks for what. */
interface Asked<Q> {
  readonly who: Identified;
  readonly incoming: Incoming<Q>;
  /** The only connections in question; undefined: all are. */
  readonly homes: ReadonlySet<string> | undefined;
}

/** What an anonymous caller may not do is answered with 401, so that a client knows to sign in. */
const denied = (principal: Principal, decision: Decision): GatewayError => {
  const reason = principal.kind === "anonymous" ? "credential_missing" : "access_denied";
  return new GatewayError(reason, undefined, { note: decision.sentence });
};

const unknownTarget = (principal: Principal, thrown: unknown): unknown =>
  principal.kind === "anonymous" && thrown instanceof GatewayError && thrown.reason === "target_unknown"
    ? new GatewayError("credential_missing")
    : thrown;

/** A connection takes callers without a credential only where it says so, whatever a policy allows. */
const admits = (principal: Principal, connection: Connection): boolean => principal.kind !== "anonymous" || connection.anonymous;

const route = <Q>(ports: Ports, call: Call, { who, incoming, homes }: Asked<Q>): Connections => {
  const reaches = (connection: string) => scopeReaches(who.principal, connection) && who.policies.reaches(who.principal, connection);
  const usable = (connection: string) => reaches(connection) && homes?.has(connection) !== false;
  try {
    if (incoming.everyConnection) return ports.connections.resolveAll(call, usable);
    return [ports.connections.resolve(call, incoming.model, usable)];
  } catch (thrown) {
    throw unknownTarget(who.principal, thrown);
  }
};

interface Ruled {
  readonly connection: Connection;
  readonly decision: Decision;
}

const masks = ({ decision }: Ruled): boolean => decision.effect === "allow" && decision.obligations.maskResponse !== undefined;

/** The connections that the caller may use, and the decision that governs the call: of several allowing ones, one that masks. */
const admitted = (principal: Principal, ruled: readonly Ruled[]): { connections: readonly Connection[]; decision: Decision } => {
  const allowed = ruled.filter(({ connection, decision }) => admits(principal, connection) && decision.effect === "allow");
  const governing = allowed.find(masks) ?? allowed[0] ?? ruled[0];
  if (governing === undefined) throw new GatewayError("target_unknown");
  return { connections: allowed.map(({ connection }) => connection), decision: governing.decision };
};

interface Other {
  readonly principal: Principal;
  readonly policies: PolicySet;
  /** What was decided about the stream's first model. */
  readonly decision: Extract<Decision, { effect: "allow" }>;
  readonly facts: Facts;
}

/** A stream may go on to another model where the same rules would have allowed it: what they oblige to is what is done already. */
const checkOther = ({ principal, policies, decision, facts }: Other): void => {
  checkScope(principal, { model: facts.model, operation: facts.operation.name, lists: false });
  const other = policies.decide(facts);
  const same = other.effect === "allow" && other.rules.join("\0") === decision.rules.join("\0");
  if (!same) throw new GatewayError("access_denied", undefined, { note: `a later message of the stream: ${other.sentence}` });
};

/**
 * Rejects with `target_unknown` for connections that the caller may not use at all (they look like what does not exist),
 * `request_invalid` for ambiguous ones, `access_denied` for what policy denies on a connection that the caller knows of, and
 * `credential_revoked` for what was taken away.
 */
export const authorize = <Q>(ports: Ports, call: Call, request: Asked<Q> & { readonly ledger: Ledger }): Permitted<Q> => {
  const { who, incoming, ledger } = request;
  const { principal, policies } = who;
  const found = route(ports, call, request);
  const { model, features, tools } = incoming;
  const { operation } = call;
  const factsOf = ({ name }: Connection): Facts => ({
    principal,
    model,
    operation,
    features,
    tools,
    connection: name,
    at: call.receivedAt,
    remoteAddress: call.remoteAddress,
  });
  const ruled = found.map((connection) => ({ connection, decision: policies.decide(factsOf(connection)) }));
  const { connections, decision } = admitted(principal, ruled);
  const named = connections[0] ?? found[0];
  ledger.decided({ connection: named.name, model: recordedModel(policies, model), decision, policyRevision: policies.revision });
  const [first, ...rest] = connections;
  if (first === undefined || decision.effect === "deny") throw denied(principal, decision);
  checkScope(principal, { model, operation: operation.name, lists: incoming.everyConnection });
  const refused = wouldRefuse(decision.obligations, tools);
  if (refused !== undefined) ledger.observed(refused);
  checkOffered(decision.obligations, tools);
  for (const { name } of connections) ports.access.check(principal, name);
  return proven<Permitted<Q>>({
    principal,
    incoming,
    connections: [first, ...rest],
    decision,
    facts: factsOf(first),
    obligations: decision.obligations,
    checkModel: (other) => {
      if (other !== model) checkOther({ principal, policies, decision, facts: { ...factsOf(first), model: other } });
    },
    mayUse: (connection, listed) => scopeHasModel(principal, listed) && policies.mayUse(principal, connection.name, listed),
  });
};
