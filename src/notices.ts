/** What happens in the gateway, in the words that people are told it by. */

import type { Approval } from "./approvals/index.ts";
import type { Call } from "./envelope/call.ts";
import type { GatewayError } from "./envelope/error.ts";
import type { NotificationEvent } from "./notifications/index.ts";

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

/** A call was stopped in a way that people should hear of; undefined for every other. */
export const stopNotice = ({ id, operation, remoteAddress }: Call, { reason, note }: GatewayError): NotificationEvent | undefined => {
  const data = { session: id, operation: operation.class === "inference" ? operation.name : operation.class, remoteAddress };
  if (reason === "prompt_blocked" || reason === "response_blocked")
    return { type: "call.blocked", sentence: `A call was blocked by policy: session ${id}.`, data: { ...data, reason, note } };
  if (reason === "credential_revoked")
    return { type: "credential.revoked_used", sentence: `A revoked credential was used from ${remoteAddress}: session ${id}.`, data };
  return undefined;
};

/** Somebody changed who may come in. */
export const changeNotice = (change: {
  readonly by: { readonly name: string };
  readonly action: string;
  readonly object: string;
}): NotificationEvent | undefined => {
  const { by, action, object } = change;
  if (!/^(?:access|identity|key)\./.test(action)) return undefined;
  return { type: "access.changed", sentence: `${by.name}: ${action} ${object}.`, data: { by: by.name, action, object } };
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
