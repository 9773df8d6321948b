/** Stage 3: which connection the call is for, and whether policy allows it. */

import type { Decision } from "../../policy/decision.ts";
import type { Call, Connection, Principal } from "../envelope/call.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Incoming } from "../envelope/exchange.ts";
import type { Ledger } from "./ledger.ts";
import type { Ports } from "./ports.ts";
import { type Identified, type Permitted, proven } from "./stages.ts";

type Connections = readonly [Connection, ...Connection[]];

/** What an anonymous caller may not do is answered with 401, so that a client knows to sign in. */
const denied = (principal: Principal, decision: Decision): GatewayError => {
  const reason = principal.kind === "anonymous" ? "credential_missing" : "access_denied";
  return new GatewayError(reason, undefined, { note: decision.sentence });
};

const unknownTarget = (principal: Principal, thrown: unknown): unknown =>
  principal.kind === "anonymous" && thrown instanceof GatewayError && thrown.reason === "target_unknown"
    ? new GatewayError("credential_missing")
    : thrown;

const route = <Q>(ports: Ports, call: Call, who: Identified, incoming: Incoming<Q>): Connections => {
  const usable = (connection: string) => who.policies.reaches(who.principal, connection);
  try {
    if (incoming.everyConnection) return ports.connections.resolveAll(call.route, usable);
    return [ports.connections.resolve(call.route, incoming.model, usable)];
  } catch (thrown) {
    throw unknownTarget(who.principal, thrown);
  }
};

/**
 * Rejects with `target_unknown` for connections that the caller may not use at all (they look like what does not exist),
 * `request_invalid` for ambiguous ones, and `access_denied` for what policy denies on a connection that the caller knows of.
 */
export const authorize = <Q>(
  ports: Ports,
  call: Call,
  request: { readonly who: Identified; readonly incoming: Incoming<Q>; readonly ledger: Ledger },
): Permitted<Q> => {
  const { who, incoming, ledger } = request;
  const { principal, policies } = who;
  const found = route(ports, call, who, incoming);
  const facts = { principal, model: incoming.model, operation: call.operation, features: incoming.features };
  const decisions = found.map((connection) => policies.decide({ ...facts, connection: connection.name }));
  const allowed = found.filter((_, index) => decisions[index]?.effect === "allow");
  const decision = decisions.find((each) => each.effect === "allow") ?? decisions[0];
  const first = allowed[0];
  if (decision === undefined) throw new GatewayError("target_unknown");
  ledger.decided({ connection: (first ?? found[0]).name, model: incoming.model, decision, policyRevision: policies.revision });
  if (first === undefined || decision.effect === "deny") throw denied(principal, decision);
  return proven<Permitted<Q>>({
    principal,
    incoming,
    connections: [first, ...allowed.slice(1)],
    decision,
    obligations: decision.obligations,
    mayUse: (connection, model) => policies.mayUse(principal, connection.name, model),
  });
};
