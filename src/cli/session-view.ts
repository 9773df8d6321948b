/** Sessions as commands show them. */

import { type Session, SessionState } from "../gen/weir/v1/session_pb.ts";
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

/** One session for people: a line for each thing known of it. */
export const sessionText = (session: Session): string =>
  fieldsTable(
    Object.entries(sessionObject(session)).map(([name, value]) => {
      if (value === undefined || (Array.isArray(value) && value.length === 0)) return [name, undefined] as const;
      return [name, typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value)] as const;
    }),
  );
