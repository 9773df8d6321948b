/** What stands beside messages: models, counts, batches, and what nobody has described. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operationOf } from "../../../../adapters/anthropic/operations.ts";
import { type AnthropicGateway, anthropicConnection, startAnthropicGateway } from "../../../support/anthropic-gateway.ts";
import { json, ScriptedUpstream } from "../../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: AnthropicGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startAnthropicGateway({
    connections: [anthropicConnection(upstream), anthropicConnection(upstream, { name: "other", revision: "2" })],
    change: (text) => text.replaceAll("secret", "[SECRET]"),
    mayUse: (_connection, model) => model !== "forbidden",
    masked: true,
  });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const headers = { "anthropic-version": "2023-06-01" };
const get = (path: string) => fetch(gateway.url + path, { headers });

const models = (...ids: string[]) => ({
  data: ids.map((id) => ({ type: "model", id, display_name: `${id} secret` })),
  has_more: true,
  first_id: "x",
  last_id: "y",
});

describe("GET /v1/models", () => {
  const list = async (query: string) => (await get(`/v1/models${query}`)).json();
  const all = models("a", "b", "forbidden", "c", "d");

  it("lists what the caller may use of every connection, once, and asks each for all that it has", async () => {
    upstream.script = json(all);
    expect(await list("")).toEqual({
      data: ["a", "b", "c", "d"].map((id) => ({ type: "model", id, display_name: `${id} [SECRET]` })),
      has_more: false,
      first_id: "a",
      last_id: "d",
    });
    expect(upstream.calls.slice(-2).map(({ url }) => url)).toEqual(["/v1/models?limit=1000", "/v1/models?limit=1000"]);
  });

  it.each([
    ["?limit=2", ["a", "b"], true],
    ["?limit=2&after_id=b", ["c", "d"], false],
    ["?limit=1&after_id=a", ["b"], true],
    ["?limit=2&before_id=d", ["b", "c"], true],
    ["?limit=9&before_id=c", ["a", "b"], false],
    ["?after_id=d", [], false],
  ])("cuts pages itself: %s", async (query, ids, more) => {
    upstream.script = json(all);
    expect(await list(query)).toMatchObject({
      data: ids.map((id) => ({ id })),
      has_more: more,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    });
  });

  it("refuses a page of no size", async () => {
    const answer = await get("/v1/models?limit=0");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: "invalid_request_error", details: { error_code: "request_invalid" } } });
  });

  it("passes an upstream's refusal on where no list came", async () => {
    upstream.script = json({ type: "error", error: { type: "rate_limit_error", message: "a secret" } }, 429);
    const answer = await get("/v1/models");
    expect(answer.status).toBe(429);
    expect(await answer.json()).toEqual({ type: "error", error: { type: "rate_limit_error", message: "a [SECRET]" } });
  });
});

describe("what is kept at the API", () => {
  it("is walked line by line where a batch's results come", async () => {
    const lines = ['{"custom_id":"1","result":{"text":"a secret","n":12}}', "", '{"custom_id":"2","secret":["\\u0073ecret"]}', ""];
    upstream.script = (_call, response) => void response.writeHead(200, { "content-type": "application/x-jsonl" }).end(lines.join("\n"));
    const answer = await get("/v1/messages/batches/b1/results");
    expect(await answer.text()).toBe(lines.join("\n").replaceAll("secret", "[SECRET]").replace("\\u0073ecret", "[SECRET]"));
  });

  it.each([
    ["POST", "/v1/messages/batches", "messages.batches.create", "data"],
    ["GET", "/v1/messages/batches/b1/results", "messages.batches.results", "data"],
    ["DELETE", "/v1/files/f1", "files.delete", "data"],
    ["POST", "/v1/messages", "messages", "inference"],
    ["GET", "/v1/models/a%2Eb", "models.get", "inference"],
    ["POST", "/v1/skills", "POST /v1/skills", "control"],
    ["GET", "/v1/messages", "GET /v1/messages", "control"],
    ["GET", "/v1/models/", "GET /v1/models/", "control"],
  ])("has its own name in policies: %s %s", (method, path, name, kind) => {
    expect(operationOf(method, path).operation).toEqual({ name, class: kind });
  });

  it("is not read as a stream that nobody knows", async () => {
    upstream.script = (_call, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end("data: {}\n\n");
    expect((await get("/v1/files")).status).toBe(502);
  });
});
