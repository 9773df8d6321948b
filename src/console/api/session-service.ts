/** SessionService: the record as people read it, by role. */

import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { present } from "../../envelope/present.ts";
import {
  type ListSessionsRequest,
  ReplayedEndSchema,
  ReplayedPieceSchema,
  ReplayedRequestSchema,
  type ReplaySessionResponse,
  ReplaySessionResponseSchema,
  type Session,
  SessionSchema,
  SessionService,
  SessionState,
} from "../../gen/weir/v1/session_pb.ts";
import {
  explainSession,
  findSession,
  listSessions,
  type MasterKey,
  type PagePoint,
  type Replayed,
  replay,
  type SessionDecision,
  type SessionFilter,
  type SessionSummary,
} from "../../sessions/index.ts";
import type { Pool } from "../../store/index.ts";
import { pageOf, pagePoint, pageSizeOf, pageToken } from "./page.ts";
import { type Authorizing, requireRole } from "./person.ts";

export interface SessionRoutesOptions extends Authorizing {
  /** A pool of the role `weir_reader`. */
  readonly pool: Pool;
  readonly master: MasterKey;
}

const stateNames = new Map<string, SessionState>([
  ["open", SessionState.OPEN],
  ["answered", SessionState.ANSWERED],
  ["stopped", SessionState.STOPPED],
  ["interrupted", SessionState.INTERRUPTED],
]);

const stateOf = (name: string): SessionState => stateNames.get(name) ?? SessionState.UNSPECIFIED;

const nameOf = (state: SessionState | undefined): string | undefined => [...stateNames].find(([, known]) => known === state)?.[0];

const filterOf = ({ filter }: ListSessionsRequest): SessionFilter =>
  present<SessionFilter>({
    principal: filter?.principal,
    connection: filter?.connection,
    model: filter?.model,
    state: nameOf(filter?.state),
    reason: filter?.reason,
    since: filter?.since === undefined ? undefined : timestampDate(filter.since),
    until: filter?.until === undefined ? undefined : timestampDate(filter.until),
  });

const tokenOf = ({ startedAt, id }: PagePoint): string => pageToken(startedAt, id);

const pointOf = (token: string): PagePoint => {
  const { at, id } = pagePoint(token);
  return { startedAt: at, id };
};

const messageOf = (summary: SessionSummary): Session => {
  const { id, startedAt, endedAt, state, surface, operation, remoteAddress, rules, usage } = summary;
  const { principal, connection, model, effect, reason, status } = summary;
  return create(SessionSchema, {
    id,
    state: stateOf(state),
    startedAt: timestampFromDate(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: timestampFromDate(endedAt) }),
    surface,
    operation,
    remoteAddress,
    rules: [...rules],
    ...(usage === undefined ? {} : { usage: { inputTokens: BigInt(usage.input), outputTokens: BigInt(usage.output) } }),
    ...present({ principal, connection, model, effect, reason, status }),
  });
};

const partOf = (replayed: Replayed): ReplaySessionResponse["part"] => {
  switch (replayed.kind) {
    case "request": {
      const texts = replayed.texts.map(({ path, author, text }) => ({ pathJson: JSON.stringify(path), author, text }));
      return { case: "request", value: create(ReplayedRequestSchema, { texts }) };
    }
    case "piece": {
      const { at, lane, author, text } = replayed.piece;
      return { case: "piece", value: create(ReplayedPieceSchema, { at: durationFromMs(at), lane, author, text }) };
    }
    case "end": {
      const { at, outcome, reason } = replayed;
      return { case: "end", value: create(ReplayedEndSchema, { at: durationFromMs(at), state: stateOf(outcome), ...present({ reason }) }) };
    }
  }
};

const known = async (pool: Pool, id: string): Promise<SessionSummary> => {
  const summary = await findSession(pool, id);
  if (summary === undefined) throw new ConnectError("There is no session by that id.", Code.NotFound);
  return summary;
};

const decisionMessage = ({ consents, ...decision }: SessionDecision) => ({
  ...decision,
  consents: consents.map(({ approval, forTime, by }) => ({ approval, forTime, reviewers: [...by] })),
});

/** Registers SessionService. */
export const sessionRoutes =
  (options: SessionRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { pool, master } = options;
    router.service(SessionService, {
      async listSessions(request, context) {
        await requireRole(options, context, "admin", "auditor");
        const size = pageSizeOf(request.pageSize);
        const after = request.pageToken === "" ? undefined : pointOf(request.pageToken);
        const found = await listSessions(pool, filterOf(request), size + 1, after);
        const { page, next } = pageOf(found, size, tokenOf);
        return { sessions: page.map(messageOf), nextPageToken: next };
      },
      async getSession({ id }, context) {
        await requireRole(options, context, "admin", "auditor");
        const summary = await known(pool, id);
        return { session: messageOf(summary), decision: decisionMessage(await explainSession(pool, summary)) };
      },
      async *replaySession({ id }, context) {
        const person = await requireRole(options, context, "auditor");
        const session = await known(pool, id);
        for await (const replayed of replay({ pool, master }, session, person)) {
          yield create(ReplaySessionResponseSchema, { part: partOf(replayed) });
        }
      },
    });
  };
