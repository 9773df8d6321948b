import { afterEach, describe, expect, it } from "vitest";
import { SessionState } from "../../../src/gen/weir/v1/session_pb.ts";
import { type Run, weirHere } from "../../support/command-line.ts";
import { replayOf, type SessionServer, session, startSessionServer, token } from "../../support/session-server.ts";

let server: SessionServer;
afterEach(() => server.close());

const weir = (...args: readonly string[]): Promise<Run> => weirHere(["sessions", ...args, "--url", server.url, "--token", token]);

describe("weir sessions list", () => {
  it("prints a table for people", async () => {
    server = await startSessionServer([session(1), session(2, { state: SessionState.STOPPED, reason: "access_denied" })]);
    const { code, stdout, stderr } = await weir("list");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["ID", "STATE", "STARTED", "WHO", "CONNECTION", "MODEL", "REASON", "TOKENS"],
      ["session-1", "answered", "2026-01-31T00:00:00.001Z", "alice", "gpt", "gpt-4o", "7+30"],
      ["session-2", "stopped", "2026-01-31T00:00:00.002Z", "alice", "gpt", "gpt-4o", "access_denied", "7+30"],
      [""],
    ]);
  });

  it("prints an array with id and state for programs, an empty one for nothing", async () => {
    server = await startSessionServer([session(1)]);
    expect(JSON.parse((await weir("list", "-o", "json")).stdout)).toMatchObject([
      { id: "session-1", state: "answered", principal: { name: "alice" } },
    ]);
    await server.close();
    server = await startSessionServer([]);
    expect(JSON.parse((await weir("list", "-o", "json")).stdout)).toEqual([]);
  });

  it("goes on to further pages, up to the limit", async () => {
    server = await startSessionServer(Array.from({ length: 2_500 }, (_, index) => session(index)));
    const { stdout } = await weir("list", "-o", "json", "--limit", "2200");
    expect(JSON.parse(stdout)).toHaveLength(2_200);
    expect(server.lists.map(({ pageSize }) => pageSize)).toEqual([1_000, 1_000, 200]);
  });

  it("asks for what its options filter by", async () => {
    server = await startSessionServer([]);
    await weir("list", "--state", "interrupted", "--principal", "alice", "--since", "2026-01-31T00:00:00Z");
    expect(server.lists[0]?.filter).toMatchObject({
      state: SessionState.INTERRUPTED,
      principal: "alice",
      since: { seconds: 1_769_817_600n },
    });
  });

  it("shows what a recorded name hides, and does not obey it", async () => {
    const name = "\u001b[2Jroot\u202e";
    server = await startSessionServer([session(1, { principal: { kind: "human", issuer: "corp", subject: "x", name } })]);
    expect((await weir("list")).stdout).toContain("\\u{1b}[2Jroot\\u{202e}");
    for (const format of ["table", "json"]) {
      const { stdout } = await weir("get", "session-1", "-o", format);
      expect([stdout.includes("\u001b"), stdout.includes("\u202e")]).toEqual([false, false]);
    }
  });
});

describe("weir sessions get", () => {
  it("says what was decided and why, and leaves out what nobody knows", async () => {
    server = await startSessionServer([session(1)]);
    const { stdout } = await weir("get", "session-1");
    expect(stdout).toMatch(/^decision +Denied by no-secrets\.$/m);
    expect(stdout).toMatch(/^note +blocked by no-secrets prompts\.deny\[0\]$/m);
    const told = JSON.parse((await weir("get", "session-1", "-o", "json")).stdout);
    expect(told).toMatchObject({ id: "session-1", state: "answered", decision: "Denied by no-secrets.", recorded: "masked" });
    expect(told).not.toHaveProperty("policyRevision");
  });
});

describe("weir sessions replay", () => {
  it("prints request and answer as they were recorded, and shows what they hide", async () => {
    server = await startSessionServer([], { a: replayOf(["Hel", "lo\n", "\u001b]0;x\u0007"], 1) });
    expect((await weir("replay", "a", "--speed", "0")).stdout).toBe(
      "[user]\nask\n\n[assistant choices.0.content]\nHello\n\\u{1b}]0;x\\u{7}\n\n[answered after 5.003 s]\n",
    );
  });

  it("keeps the time between pieces, faster by the speed, without the wait for the first", async () => {
    server = await startSessionServer([], { a: replayOf(["a", "b", "c"], 400) });
    const began = performance.now();
    await weir("replay", "a", "--speed", "10");
    expect(performance.now() - began).toBeGreaterThanOrEqual(3 * 40 - 5); // timers may fire a little early; there is no upper bound to hold it to
  });

  it("prints the parts for programs", async () => {
    server = await startSessionServer([], { a: replayOf(["x"], 1) });
    expect(JSON.parse((await weir("replay", "a", "-o", "json")).stdout)).toEqual([
      { kind: "request", texts: [{ path: ["messages", 0, "content"], author: "user", text: "ask" }] },
      { kind: "piece", atMs: 5_000, lane: "choices.0.content", author: "assistant", text: "x" },
      { kind: "end", atMs: 5_001, state: "answered" },
    ]);
  });
});

describe("a command that talks to a gateway", () => {
  it("puts what the gateway says into words, on stderr", async () => {
    server = await startSessionServer([]);
    expect(await weir("get", "nowhere")).toEqual({
      code: 1,
      stdout: "",
      stderr: "weir: There is no session by \\u{1b}[31mthat\\u{1b}[0m id.\n",
    });
    const wrong = await weirHere(["sessions", "list", "--url", server.url, "--token", "guess"]);
    expect(wrong).toEqual({ code: 1, stdout: "", stderr: "weir: The credential is not valid.\n" });
  });

  it("says where it looked when nobody answers", async () => {
    server = await startSessionServer([]);
    const { url } = server;
    await server.close();
    expect(await weir("list")).toMatchObject({ code: 1, stderr: `weir: No gateway answers at ${url}; --url or WEIR_URL names another.\n` });
  });

  it.each([
    [["list", "--limit", "0"]],
    [["list", "--state", "lost"]],
    [["list", "--since", "yesterday"]],
    [["replay", "a", "--speed", "-1"]],
    [["list", "--url", "ftp://x"]],
  ])("%j is wrong usage", async (args) => {
    server = await startSessionServer([]);
    expect(await weirHere(["sessions", ...args, "--token", token])).toMatchObject({ code: 2, stdout: "" });
  });

  it("without a credential is wrong usage", async () => {
    server = await startSessionServer([]);
    expect(await weirHere(["sessions", "list", "--url", server.url, "--token", ""])).toMatchObject({ code: 2, stdout: "" });
  });
});
