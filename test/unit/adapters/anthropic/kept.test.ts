/** Objects that the API keeps: whose they are, and who learns of them. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnthropicGateway, anthropicConnection, startAnthropicGateway } from "../../../support/anthropic-gateway.ts";
import { messageEvents, messageOf } from "../../../support/anthropic-messages.ts";
import { json, pieces, ScriptedUpstream } from "../../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: AnthropicGateway;

beforeEach(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startAnthropicGateway({ connections: [anthropicConnection(upstream)] });
});

afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const headers = { "anthropic-version": "2023-06-01", "content-type": "application/json" };
const get = (path: string) => fetch(gateway.url + path, { headers });
const post = (path: string, body: object) => fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(body) });

const named = (objects: readonly { readonly kind: string; readonly id: string }[]): string[] =>
  objects.map(({ kind, id }) => `${kind} ${id}`);

const tools = [{ type: "code_execution_20250825", name: "code_execution" }];
const ask = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "go" }] };

/** A model may be talked into writing the id of somebody else's file. */
const content = [
  { type: "tool_use", id: "toolu_1", name: "read", input: { file_id: "file_of_another", container: { id: "container_of_another" } } },
  {
    type: "code_execution_tool_result",
    tool_use_id: "srvtoolu_1",
    content: {
      type: "code_execution_result",
      stdout: '{"file_id":"file_of_another"}',
      content: [{ type: "code_execution_output", file_id: "file_made" }],
    },
  },
  { type: "container_upload", file_id: "file_up" },
];

describe("what a request names", () => {
  it("is told by its path and in its body", async () => {
    upstream.script = json(messageOf({ content: [] }));
    await get("/v1/messages/batches/b%311/results");
    await get("/v1/files/f1/anything/below");
    const document = { type: "document", source: { type: "file", file_id: "f2" } };
    const result = { type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: { type: "file", file_id: "f3" } }] };
    await post("/v1/messages", {
      ...ask,
      container: { id: "c1" },
      messages: [{ role: "user", content: [document, result, { type: "container_upload", file_id: "f4" }] }],
    });
    await post("/v1/messages", { ...ask, container: "c2" });
    expect(gateway.core.seen.map(({ refers }) => named(refers ?? []).toSorted())).toEqual([
      ["batch b11"],
      ["file f1"],
      ["container c1", "file f2", "file f3", "file f4"],
      ["container c2"],
    ]);
  });
});

describe("what the API keeps", () => {
  const made = ["container c9", "file file_made", "file file_up"];

  it("is the caller's, where the API itself says so, and not where a model does", async () => {
    upstream.script = json({ ...messageOf({ content }), container: { id: "c9", expires_at: "2026" } });
    await post("/v1/messages", { ...ask, tools });
    expect(named(gateway.core.claimed).toSorted()).toEqual(made);
  });

  it("is so in streams, too, before the caller learns of it", async () => {
    const events = messageEvents({ content }, (text) => [text]).map((event) =>
      event.replace('"stop_sequence":null', '"stop_sequence":null,"container":{"id":"c9"}'),
    );
    upstream.script = pieces(events);
    const answer = await post("/v1/messages", { ...ask, tools, stream: true });
    expect(await answer.text()).toBe(events.join(""));
    expect([...new Set(named(gateway.core.claimed))].toSorted()).toEqual(made);
  });

  it("is a batch that was made", async () => {
    upstream.script = json({ id: "b1", type: "message_batch" });
    await post("/v1/messages/batches", { requests: [] });
    expect(named(gateway.core.claimed)).toEqual(["batch b1"]);
  });

  it("is listed to whom it belongs, and everything else about the list as it came", async () => {
    upstream.script = json({ id: "b2", type: "message_batch" });
    await post("/v1/messages/batches", { requests: [] });
    upstream.script = (_call, response) =>
      void response
        .writeHead(200, { "content-type": "application/json" })
        .end('{ "data" : [ {"id":"b1"}, {"id":"b2", "n": 1.0} ], "first_id":"b1","has_more":true, "last_id":"b2", "x":null }');
    expect(await (await get("/v1/messages/batches")).text()).toBe(
      '{ "data" : [{"id":"b2", "n": 1.0}], "first_id":"b2","has_more":true, "last_id":"b2", "x":null }',
    );
  });
});
