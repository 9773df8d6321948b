/** Sessions as commands show them. */

import { type GetSessionResponse, type Session, SessionState } from "../gen/weir/v1/session_pb.ts";
import { timeText } from "./arguments.ts";
import { namesOf } from "./names.ts";
import { fieldsTable, type View } from "./view.ts";

/** The states of sessions. */
export const sessionStates = namesOf({
  open: SessionState.OPEN,
  answered: SessionState.ANSWERED,
  stopped: SessionState.STOPPED,
  interrupted: SessionState.INTERRUPTED,
});

const sessionObject = (session: Session): Readonly<Record<string, unknown>> => {
  const { id, principal, surface, operation, remoteAddress, connection, model, effect, rules, reason, status, usage } = session;
  return {
    id,
    state: sessionStates.nameOf(session.state),
    startedAt: timeText(session.startedAt),
    endedAt: timeText(session.endedAt),
    principal:
      principal === undefined
        ? undefined
        : { kind: principal.kind, issuer: principal.issuer, subject: principal.subject, name: principal.name },
    surface,
    operation,
    remoteAddress,
    connection,
    model,
    effect,
    rules,
    reason,
    status,
    usage: usage === undefined ? undefined : { inputTokens: Number(usage.inputTokens), outputTokens: Number(usage.outputTokens) },
  };
};

const tokensOf = ({ usage }: Session): string => (usage === undefined ? "" : `${usage.inputTokens}+${usage.outputTokens}`);

/** Sessions in lists. */
export const sessionView: View<Session> = {
  head: ["ID", "STATE", "STARTED", "WHO", "CONNECTION", "MODEL", "REASON", "TOKENS"],
  row: (session) => {
    const { id, state, startedAt, principal, connection = "", model = "", reason = "" } = session;
    return [
      id,
      sessionStates.nameOf(state),
      timeText(startedAt) ?? "",
      principal?.name ?? "",
      connection,
      model,
      reason,
      tokensOf(session),
    ];
  },
  object: sessionObject,
};

/** A field is empty where a call was stopped before it had one. */
const said = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** One session with the decision about it. */
export const toldObject = ({ session, decision }: GetSessionResponse): Readonly<Record<string, unknown>> => ({
  ...(session === undefined ? {} : sessionObject(session)),
  decision: said(decision?.sentence),
  note: said(decision?.note),
  approvals: decision?.consents.map(({ approval, forTime, reviewers }) => ({
    id: approval,
    forTime,
    by: reviewers.map(({ issuer, name }) => `${name} (${issuer})`),
  })),
  policyRevision: said(decision?.policyRevision),
  recorded: said(decision?.recordLevel),
});

const shown = (value: unknown): string | undefined => {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

/** The same for people: a line for each thing known of it. */
export const toldText = (told: GetSessionResponse): string =>
  fieldsTable(Object.entries(toldObject(told)).map(([name, value]) => [name, shown(value)] as const));
