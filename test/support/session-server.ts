/** A management API with scripted sessions, for clients of it. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  type ListSessionsRequest,
  type ReplaySessionResponse,
  ReplaySessionResponseSchema,
  type Session,
  SessionSchema,
  SessionService,
  SessionState,
} from "../../src/gen/weir/v1/session_pb.ts";

export const token = "weir_token-of-an-auditor";
const largestPage = 1_000;

export interface SessionServer {
  readonly url: string;
  /** Lists asked for, in order. */
  readonly lists: readonly ListSessionsRequest[];
  close(): Promise<void>;
}

export const session = (index: number, more: Exclude<MessageInitShape<typeof SessionSchema>, Session> = {}): Session =>
  create(SessionSchema, {
    id: `session-${index}`,
    state: SessionState.ANSWERED,
    startedAt: timestampFromMs(Date.UTC(2026, 0, 31) + index),
    principal: { kind: "human", issuer: "corp", subject: "alice", name: "alice" },
    surface: "openai",
    operation: "chat.completions",
    connection: "gpt",
    model: "gpt-4o",
    status: 200,
    usage: { inputTokens: 7n, outputTokens: 30n },
    ...more,
  });

/** Parts of a replay whose pieces came `gapMs` apart, the first after five seconds. */
export const replayOf = (pieces: readonly string[], gapMs: number): readonly ReplaySessionResponse[] => {
  const at = (index: number) => durationFromMs(5_000 + index * gapMs);
  const parts: readonly MessageInitShape<typeof ReplaySessionResponseSchema>["part"][] = [
    { case: "request", value: { texts: [{ pathJson: '["messages",0,"content"]', author: "user", text: "ask" }] } },
    ...pieces.map((text, index) => ({
      case: "piece" as const,
      value: { at: at(index), lane: "choices.0.content", author: "assistant", text },
    })),
    { case: "end", value: { at: at(pieces.length), state: SessionState.ANSWERED } },
  ];
  return parts.map((part) => create(ReplaySessionResponseSchema, part === undefined ? {} : { part }));
};

export const startSessionServer = async (
  sessions: readonly Session[],
  replays: Readonly<Record<string, readonly ReplaySessionResponse[]>> = {},
): Promise<SessionServer> => {
  const lists: ListSessionsRequest[] = [];
  const authorize = (headers: Headers): void => {
    if (headers.get("authorization") !== `Bearer ${token}`) throw new ConnectError("The credential is not valid.", Code.Unauthenticated);
  };
  const handler = connectNodeAdapter({
    routes: (router) => {
      router.service(SessionService, {
        listSessions: (request, { requestHeader }) => {
          authorize(requestHeader);
          lists.push(request);
          const from = Number(request.pageToken);
          const to = from + Math.min(request.pageSize, largestPage);
          return { sessions: sessions.slice(from, to), nextPageToken: to < sessions.length ? String(to) : "" };
        },
        getSession: ({ id }, { requestHeader }) => {
          authorize(requestHeader);
          const found = sessions.find((each) => each.id === id);
          if (found === undefined) throw new ConnectError("There is no session by \u001b[31mthat\u001b[0m id.", Code.NotFound);
          return {
            session: found,
            decision: { sentence: "Denied by no-secrets.", note: "blocked by no-secrets prompts.deny[0]", recordLevel: "masked" },
          };
        },
        async *replaySession({ id }, { requestHeader }) {
          authorize(requestHeader);
          yield* replays[id] ?? [];
        },
      });
    },
  });
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
