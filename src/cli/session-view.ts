/** Sessions as commands show them. */

import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type Session, SessionState } from "../gen/weir/v1/session_pb.ts";

/** The names of states at the prompt and in JSON. */
export const stateNames = ["open", "answered", "stopped", "interrupted"] as const;
export type StateName = (typeof stateNames)[number];

const states: Readonly<Record<StateName, SessionState>> = {
  open: SessionState.OPEN,
  answered: SessionState.ANSWERED,
  stopped: SessionState.STOPPED,
  interrupted: SessionState.INTERRUPTED,
};

export const stateOf = (name: StateName): SessionState => states[name];

/** The name of a state; a newer gateway may have more of them. */
export const stateName = (state: SessionState): string => stateNames.find((name) => states[name] === state) ?? "unknown";

const timeOf = (timestamp: Timestamp | undefined): string | undefined =>
  timestamp === undefined ? undefined : timestampDate(timestamp).toISOString();

/** A session for programs: what the API says, with states and times as text. */
export const sessionObject = (session: Session): Readonly<Record<string, unknown>> => {
  const { id, principal, surface, operation, remoteAddress, connection, model, effect, rules, reason, status, usage } = session;
  return {
    id,
    state: stateName(session.state),
    startedAt: timeOf(session.startedAt),
    endedAt: timeOf(session.endedAt),
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

export const sessionHead = ["ID", "STARTED", "STATE", "WHO", "CONNECTION", "MODEL", "REASON", "TOKENS"] as const;

const tokensOf = ({ usage }: Session): string => (usage === undefined ? "" : `${usage.inputTokens}+${usage.outputTokens}`);

export const sessionRow = (session: Session): readonly string[] => {
  const { id, principal, connection = "", model = "", reason = "" } = session;
  return [
    id,
    timeOf(session.startedAt) ?? "",
    stateName(session.state),
    principal?.name ?? "",
    connection,
    model,
    reason,
    tokensOf(session),
  ];
};

/** One session for people: a line for each thing known of it. */
export const sessionLines = (session: Session): readonly (readonly string[])[] =>
  Object.entries(sessionObject(session)).flatMap(([name, value]) => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
    return [[name, typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value)]];
  });
