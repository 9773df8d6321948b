import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type AdminServer, type Person, type PersonRole, sessionRoutes, startAdminServer } from "../../../src/console/api/index.ts";
import { GatewayError } from "../../../src/envelope/error.ts";
import { SessionService, SessionState } from "../../../src/gen/weir/v1/session_pb.ts";
import { openRecordBench, type RecordBench } from "../../support/record.ts";
import { alice, answerLane, makeCall, makeRequest, masked, userText } from "../../support/recorded-call.ts";

const people = new Map<string, Person>(
  (["admin", "auditor", "reviewer"] satisfies PersonRole[]).map((role) => [
    role,
    { issuer: "https://id.example.com", subject: `00u-${role}`, name: role, groups: [], roles: new Set([role]) },
  ]),
);

const authorize = async (headers: Headers): Promise<Person> => {
  const person = people.get(headers.get("authorization") ?? "");
  if (person === undefined) throw new ConnectError("Sign in.", Code.Unauthenticated);
  return person;
};

describe("SessionService", () => {
  let bench: RecordBench;
  let server: AdminServer;
  const calls = [makeCall({ receivedAt: Date.now() - 2_000 }), makeCall({ receivedAt: Date.now() - 1_000 }), makeCall()];
  const answered = calls[0]?.id ?? "";

  beforeAll(async () => {
    bench = await openRecordBench(inject("postgres"));
    const recorder = await bench.start();
    for (const [index, call] of calls.entries()) {
      const record = recorder.open(call);
      record.identified(alice);
      await record.request(makeRequest([userText("Who is [NAME]?")]));
      record.answer(200, "masked");
      record.piece(answerLane, "assistant", masked("Nobody."));
      const stopped = { kind: "stopped", error: new GatewayError("cancelled"), usage: undefined } as const;
      await record.end(index === 0 ? { kind: "answered", status: 200, usage: { input: 3, output: 4 } } : stopped);
    }
    await recorder.stop();
    const routes = sessionRoutes({ pool: bench.reader, master: bench.master, authorize });
    const metrics = async (): Promise<{ contentType: string; text: string }> => ({ contentType: "text/plain", text: "" });
    server = await startAdminServer({ address: "127.0.0.1", port: 0, routes, ready: () => true, metrics });
  });
  afterAll(async () => {
    await server.close();
    await bench.close();
  });

  const clientOf = (who: string) => {
    const transport = createConnectTransport({
      baseUrl: `http://127.0.0.1:${server.port}`,
      httpVersion: "1.1",
      interceptors: [
        (next) => (request) => {
          request.header.set("authorization", who);
          return next(request);
        },
      ],
    });
    return createClient(SessionService, transport);
  };

  const readings = async (): Promise<number> => (await bench.database.query("SELECT FROM weir.session_readings")).rowCount ?? 0;

  const replayAs = async (who: string, id: string): Promise<string[]> => {
    const parts: string[] = [];
    for await (const { part } of clientOf(who).replaySession({ id })) {
      if (part.case === "request") parts.push(...part.value.texts.map(({ pathJson, text }) => `${pathJson} ${text}`));
      else if (part.case === "piece") parts.push(`${part.value.lane} ${part.value.text}`);
      else if (part.case === "end") parts.push(`end ${part.value.state}`);
    }
    return parts;
  };

  it.each(["admin", "auditor"])("lists sessions for an %s, page by page", async (who) => {
    const client = clientOf(who);
    const first = await client.listSessions({ pageSize: 2 });
    expect(first.sessions.map(({ id }) => id)).toEqual([calls[2]?.id, calls[1]?.id]);
    const second = await client.listSessions({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second).toMatchObject({
      nextPageToken: "",
      sessions: [{ id: answered, state: SessionState.ANSWERED, usage: { outputTokens: 4n } }],
    });
    const stopped = await client.listSessions({ filter: { state: SessionState.STOPPED, principal: "alice" } });
    expect(stopped.sessions.map(({ reason }) => reason)).toEqual(["cancelled", "cancelled"]);
  });

  it("tells one session without texts", async () => {
    const { session, decision } = await clientOf("admin").getSession({ id: answered });
    expect(decision).toMatchObject({ sentence: "allowed by analysts", policyRevision: "0f0f0f0f", recordLevel: "masked", note: "" });
    expect(session).toMatchObject({ id: answered, model: "gpt-4o-mini", principal: { name: "alice" }, status: 200 });
    await expect(clientOf("admin").getSession({ id: "unknown" })).rejects.toMatchObject({ code: Code.NotFound });
  });

  it("replays to an auditor, and records each reading", async () => {
    const before = await readings();
    expect(await replayAs("auditor", answered)).toEqual([
      '["messages",0,"content"] Who is [NAME]?',
      "choices.0.content Nobody.",
      `end ${SessionState.ANSWERED}`,
    ]);
    expect(await readings()).toBe(before + 1);
  });

  it("gives no texts to an admin, and nothing to others", async () => {
    const before = await readings();
    await expect(replayAs("admin", answered)).rejects.toMatchObject({ code: Code.PermissionDenied });
    await expect(clientOf("reviewer").listSessions({})).rejects.toMatchObject({ code: Code.PermissionDenied });
    await expect(clientOf("stranger").listSessions({})).rejects.toMatchObject({ code: Code.Unauthenticated });
    expect(await readings()).toBe(before);
  });

  it("refuses page tokens that it did not make", async () => {
    await expect(clientOf("admin").listSessions({ pageToken: "nonsense" })).rejects.toMatchObject({ code: Code.InvalidArgument });
  });
});
