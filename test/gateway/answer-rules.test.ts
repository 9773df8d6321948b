import { randomBytes } from "node:crypto";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { messageEvents } from "../support/anthropic-messages.ts";
import { weirHere } from "../support/command-line.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { eventsOf, wireEvent } from "../support/responses-stream.ts";
import { chatAnswer, chatStream, json, pieces, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const denied = "project zeus";
const said = ["All about ", "it: pro", "ject ze", "us is late", " and PRJ-1234", "56 too"];

let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  [upstream, database] = await Promise.all([ScriptedUpstream.start(), cloneDatabase(inject("postgres"))]);
  const address = `http://127.0.0.1:${upstream.port}/v1`;
  gateway = await startTestGateway({
    configuration: `
egress: { allow: [127.0.0.0/8] }
roles: { auditor: [team] }
identities: [{ name: app, kind: service, groups: [team], apiKey: "\${env:APP}" }]
connections:
  - { name: gpt, protocol: openai, upstream: "${address}" }
  - { name: claude, protocol: anthropic, upstream: "${address}" }
  - { name: flask, protocol: rest, upstream: "${address}", operations: [{ name: say, method: POST, path: /say }] }
policies:
  - { name: team, match: { groups: [team] }, effect: allow, answers: { deny: ["(?i)project zeus"], keywords: [bombast], mask: ["PRJ-[0-9]{6}"] } }
  - { name: trial, match: { groups: [team] }, effect: allow, mode: observe, answers: { deny: [harmless] } }
`,
    env: { APP: key },
    database: database.address,
  });
  openai = new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: key, baseURL: gateway.url, maxRetries: 0 });
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([database.drop(), upstream.close()]);
});

/** What a reader of a stream got, and what ended it. */
const gathered = async <T>(stream: Promise<AsyncIterable<T>>, text: (event: T) => string) => {
  let got = "";
  try {
    for await (const event of await stream) got += text(event);
  } catch (thrown) {
    return { got, thrown };
  }
  return { got, thrown: undefined };
};

const messages = [{ role: "user" as const, content: "tell me" }];

describe("a rule about answers", () => {
  it("ends a chat before what it denies, and the client reads why, but not by which rule", async () => {
    upstream.script = pieces(chatStream(said));
    const { got, thrown } = await gathered(
      openai.chat.completions.create({ model: "gpt-4o", messages, stream: true }),
      ({ choices }) => choices[0]?.delta.content ?? "",
    );
    expect(got).toBe("All about it: ");
    expect(thrown).toMatchObject({ code: "response_blocked" });
    expect(String(thrown)).not.toMatch(/zeus|team|answers/i);
  });

  it("refuses a whole answer with 403, typed", async () => {
    upstream.script = json(chatAnswer(said.join("")));
    const asked = openai.chat.completions.create({ model: "gpt-4o", messages });
    await expect(asked).rejects.toThrow(OpenAI.PermissionDeniedError);
    await expect(asked).rejects.toMatchObject({ status: 403, code: "response_blocked" });
  });

  it("ends a Responses stream, and no copy of it says more", async () => {
    const part = { type: "output_text", text: said.join(""), annotations: [] };
    const item = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [part] };
    const response = { id: "resp_1", object: "response", status: "completed", model: "gpt-4o", output: [item] };
    upstream.script = pieces(eventsOf(response, () => said).map(wireEvent));
    const { got, thrown } = await gathered(openai.responses.create({ model: "gpt-4o", input: "tell", stream: true }), (event) =>
      JSON.stringify(event),
    );
    expect(got).toContain("it: ");
    expect(got).not.toMatch(/ject ze|us is late|response\.completed/);
    expect(thrown).toMatchObject({ code: "response_blocked" });
  });

  it("ends a message of Anthropic's, tool input too", async () => {
    const input = { query: `about ${denied}` };
    upstream.script = pieces(
      messageEvents({ content: [{ type: "tool_use", id: "toolu_1", name: "find", input }], stop_reason: "tool_use" }, (text) => [...text]),
    );
    const { got, thrown } = await gathered(
      anthropic.messages.create({ model: "claude-4", max_tokens: 99, messages, stream: true }),
      (event) => (event.type === "content_block_delta" && event.delta.type === "input_json_delta" ? event.delta.partial_json : ""),
    );
    expect(got).toBe('{"query":"about ');
    expect(thrown).toMatchObject({ error: { type: "error", error: { message: "The answer was blocked by policy." } } });
  });

  it("refuses any other answer, by a word too", async () => {
    const body = { say: { it: ["what a Bombast"] } };
    upstream.script = json(body, 200, { "content-length": String(JSON.stringify(body).length) });
    const answer = await fetch(`${gateway.url}/flask/say`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "response_blocked" });
  });

  it("replaces what it only hides", async () => {
    upstream.script = pieces(chatStream(["see PRJ-1234", "56 now"]));
    const { got, thrown } = await gathered(
      openai.chat.completions.create({ model: "gpt-4o", messages, stream: true }),
      ({ choices }) => choices[0]?.delta.content ?? "",
    );
    expect(got).toBe("see [WITHHELD] now");
    expect(thrown).toBeUndefined();
  });

  it("is in the record by its name, beside the answer as far as it went, and as what would have been where it observes", async () => {
    upstream.script = pieces(chatStream(said));
    const blocked = await openai.chat.completions.create({ model: "gpt-4o", messages, stream: true }).withResponse();
    await gathered(Promise.resolve(blocked.data), () => "");
    upstream.script = json(chatAnswer("a harmless word"));
    const passed = await openai.chat.completions.create({ model: "gpt-4o", messages }).withResponse();
    const note = async (answer: Response): Promise<unknown> => {
      const told = await fetch(`${gateway.adminUrl}/weir.v1.SessionService/GetSession`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ id: session(answer) }),
      });
      return ((await told.json()) as { decision?: { note?: string } }).decision?.note;
    };
    const session = (response: Response): string => response.headers.get("x-request-id") ?? "";
    await expect.poll(() => note(blocked.response), { timeout: 20_000 }).toBe("blocked by team answers.deny[0]");
    await expect.poll(() => note(passed.response), { timeout: 20_000 }).toBe("It would be blocked by trial answers.deny[0].");
    const replayed = (
      await weirHere(["sessions", "replay", session(blocked.response), "-o", "json", "--url", gateway.adminUrl, "--token", key])
    ).stdout;
    expect(replayed).toContain("it: ");
    expect(replayed).not.toMatch(/ject ze|late/);
  });
});
