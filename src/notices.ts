/** What happens in the gateway, in the words that people are told it by. */

import { detectorsNamed } from "../policy/catalogue/index.ts";
import type { Approval } from "./approvals/index.ts";
import type { Principal } from "./envelope/call.ts";
import { GatewayError } from "./envelope/error.ts";
import type { Directory } from "./identity/index.ts";
import type { NotificationEvent } from "./notifications/index.ts";
import type { EndedCall } from "./observed-recorder.ts";

/** A request waits for a person. `admin`: what links to the management API begin with; undefined: there is no link. */
export const approvalNotice = (approval: Approval, admin: string | undefined): NotificationEvent => {
  const { id, principal, connection, model, operation, rules, expiresAt } = approval;
  const why = rules.map(({ policy, reasons }) => `${policy}: ${reasons.join(", ")}`).join("; ");
  const what = model === undefined ? operation : `${operation} of ${model}`;
  return {
    type: "approval.opened",
    sentence: `${principal.name} waits for a yes to ${what} over ${connection} (${why}). Decide with: weir approvals show ${id}`,
    data: { approval: id, caller: principal.name, connection, model, operation, rules, expiresAt: expiresAt.toISOString() },
    ...(admin === undefined ? {} : { link: `${admin}/approvals/${id}` }),
  };
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A caller as messages name them. */
const nameOf = (principal: Principal | undefined): string | undefined => principal && `${principal.issuer}/${principal.subject}`;

const dataOf = ({ call, principal, connection }: EndedCall): NotificationEvent["data"] => {
  const { id, operation, remoteAddress } = call;
  const what = operation.class === "inference" ? operation.name : operation.class;
  return { session: id, caller: nameOf(principal), connection, operation: what, remoteAddress };
};

/** A call was stopped in a way that people should hear of; undefined for every other. One a caller and connection a minute. */
const stopNotice = (ended: EndedCall, { reason, note }: GatewayError): NotificationEvent | undefined => {
  const { call, principal, connection = "" } = ended;
  const data = dataOf(ended);
  const who = nameOf(principal);
  const rarely = (about: string) => ({ keys: [JSON.stringify([reason, about, connection])], everyMs: minuteMs });
  if (reason === "prompt_blocked" || reason === "response_blocked") {
    const what = reason === "prompt_blocked" ? "A prompt" : "An answer";
    const sentence = `${what} was blocked by policy: session ${call.id}${who === undefined ? "" : ` of ${who}`}.`;
    return { type: "call.blocked", sentence, data: { ...data, reason, note }, rarely: rarely(who ?? call.remoteAddress) };
  }
  if (reason === "credential_revoked") return revokedUse(note ?? who, { ...data, remoteAddress: call.remoteAddress });
  return undefined;
};

/** Somebody used what was taken away from them. `caller` is undefined where it is not known whose it was. */
const revokedUse = (
  caller: string | undefined,
  data: { readonly remoteAddress?: string; readonly [name: string]: unknown },
): NotificationEvent => {
  const { session, door, remoteAddress } = data;
  const whose = caller === undefined ? "" : ` of ${caller}`;
  const where = typeof door === "string" ? `at ${door}` : `from ${remoteAddress}: session ${session}`;
  return {
    type: "credential.revoked_used",
    sentence: `A revoked credential${whose} was used ${where}.`,
    data: { ...data, caller },
    rarely: { keys: [caller ?? remoteAddress ?? ""], everyMs: minuteMs },
  };
};

/** Whether a detector finds credentials: then somebody may want to change one. */
const findsCredentials: ReadonlySet<string> = new Set(detectorsNamed(["credentials"]).map(({ name }) => name));

const directions = ["request", "response"] as const;

/** Credentials were masked in a call. One a caller, connection, detector and direction an hour: a busy stream of such calls is one message with a count. */
const maskedNotice = (ended: EndedCall): NotificationEvent | undefined => {
  const { call, principal, connection, outcome } = ended;
  const found = directions.flatMap((direction) =>
    (outcome.masked?.[direction] ?? []).filter((name) => findsCredentials.has(name)).map((detector) => ({ direction, detector })),
  );
  if (found.length === 0) return undefined;
  const who = nameOf(principal) ?? "";
  const what = [...new Set(found.map(({ detector }) => detector))].join(", ");
  return {
    type: "credential.masked",
    sentence: `A credential (${what}) was masked in a call of ${who} over ${connection}: session ${call.id}.`,
    data: { ...dataOf(ended), detectors: found },
    rarely: { keys: found.map(({ direction, detector }) => JSON.stringify([who, connection, direction, detector])), everyMs: hourMs },
  };
};

/** What people should hear of a call that has ended: at most one thing of each kind. */
export const callNotices = (ended: EndedCall): readonly NotificationEvent[] => {
  const { outcome } = ended;
  const stopped = outcome.kind === "stopped" ? stopNotice(ended, outcome.error) : undefined;
  return [stopped, maskedNotice(ended)].filter((notice) => notice !== undefined);
};

/** Says who people are, and tells of revoked credentials that are used at another door than a call's. */
export const tellingOfRevoked = (
  identities: Pick<Directory, "identify">,
  { tell, door }: { readonly tell: (event: NotificationEvent) => void; readonly door: string },
): Pick<Directory, "identify"> => ({
  identify: async (shown) => {
    try {
      return await identities.identify(shown);
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.reason === "credential_revoked") tell(revokedUse(thrown.note, { door }));
      throw thrown;
    }
  },
});

const frozen = "connection ";

/** What a change of access is called: a freeze has words of its own, because everybody who uses the connection feels it. */
const changeSentence = ({ by, action, object }: Changed): string => {
  const connection = object.startsWith(frozen) ? object.slice(frozen.length) : undefined;
  if (connection !== undefined && action === "access.revoke")
    return `${by.name} froze the connection ${connection}: no call passes over it until somebody gives it back.`;
  if (connection !== undefined && action === "access.restore")
    return `${by.name} gave the connection ${connection} back: calls pass over it again.`;
  return `${by.name}: ${action} ${object}.`;
};

interface Changed {
  readonly by: { readonly name: string };
  readonly action: string;
  readonly object: string;
}

/** Somebody changed who may come in. */
export const changeNotice = (change: Changed): NotificationEvent | undefined => {
  const { by, action, object } = change;
  if (!/^(?:access|identity|key)\./.test(action)) return undefined;
  return { type: "access.changed", sentence: changeSentence(change), data: { by: by.name, action, object } };
};

/** Another configuration is in force. */
export const configurationNotice = (policyRevision: string): NotificationEvent => ({
  type: "configuration.changed",
  sentence: "The configuration was read again and is in force.",
  data: { policyRevision },
});

/** Changes that a notice names one by one. */
const mostNamed = 20;

/** Somebody changed what the database declares, and it is in force. */
export const declarationNotice = (
  policyRevision: string,
  by: { readonly name: string },
  changes: readonly { readonly action: string; readonly object: string }[],
): NotificationEvent => {
  const named = changes.slice(0, mostNamed).map(({ action, object }) => `${action} ${object}`);
  const more = changes.length > named.length ? `, and ${changes.length - named.length} more` : "";
  return {
    type: "configuration.changed",
    sentence: `${by.name}: ${named.join(", ")}${more}.`,
    data: { policyRevision, by: by.name, changes: named, count: changes.length },
  };
};
