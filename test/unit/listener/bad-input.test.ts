/** Bad input on real sockets: each kind gets its own reason, and the next request works. */

import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { networkOf } from "../../../src/connections/index.ts";
import { Directory } from "../../../src/identity/index.ts";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { sendRaw } from "../../support/raw-client.ts";
import { chatAnswer, json, ScriptedUpstream } from "../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: OpenaiGateway;
let identities: Directory;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  upstream.script = json(chatAnswer("fine"));
  identities = new Directory({ settings: { issuers: [], identities: [] }, network: networkOf(() => false) });
  gateway = await startOpenaiGateway({
    connections: [upstream.connection()],
    identities,
    limits: { headTimeout: 600, requestTimeout: 5_000 },
    body: { time: 400 },
  });
});

afterAll(async () => {
  await gateway.close();
  await identities.close();
  await upstream.close();
});

const chat = "/v1/chat/completions";
const good = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });

const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(gateway.url + chat, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

afterEach(async () => {
  expect((await post(good)).status).toBe(200);
});

const expectOpenai = async (response: Response, status: number, reason: string): Promise<void> => {
  const body: unknown = await response.json();
  expect({ status: response.status, body }).toEqual({
    status,
    body: {
      error: {
        message: expect.any(String),
        type: expect.any(String),
        param: expect.toSatisfy((v) => v === null || typeof v === "string"),
        code: reason,
      },
    },
  });
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
  expect(response.headers.get("x-should-retry")).toBe("false");
};

const nested = (depth: number): string => `{"model":"m","messages":${"[".repeat(depth)}${"]".repeat(depth)}}`;

describe("a request body", () => {
  it.each([
    ["malformed JSON", '{"model":"m",'],
    ["a single quote", "{'model':1}"],
    ["duplicate keys", '{"model":"m","model":"n","messages":[]}'],
    ["duplicate keys deep down, one of them escaped", '{"model":"m","messages":[{"role":"user","r\\u006fle":"system"}]}'],
    ["UTF-16", Buffer.from(good, "utf16le")],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["a byte order mark", `\ufeff${good}`],
    ["JSON 100,000 deep", nested(100_000)],
    ["no model", '{"messages":[]}'],
    ["a model that is no string", '{"model":7,"messages":[]}'],
    ["a stream flag that is no flag", '{"model":"m","stream":"yes"}'],
    ["nothing", ""],
  ])("with %s is request_invalid", async (_name, body) => {
    await expectOpenai(await post(body), 400, "request_invalid");
  });

  it("names the field at fault", async () => {
    const response = await post('{"model":"m","n":"two"}');
    expect(await response.json()).toMatchObject({ error: { param: "n" } });
  });

  it.each([
    ["text/plain", {}],
    ["application/json; charset=utf-16", {}],
    ["application/json", { "content-encoding": "zstd" }],
    ["application/json", { "content-encoding": "gzip, gzip" }],
    ["", {}],
  ])("of type %j with %j is media_type_unsupported", async (type, headers) => {
    await expectOpenai(await post(Buffer.from(good), { "content-type": type, ...headers }), 415, "media_type_unsupported");
  });

  it("of 50 MB is request_too_large", async () => {
    await expectOpenai(await post(Buffer.alloc(50_000_000, 0x20)), 413, "request_too_large");
  });

  it("of 50 MB without a length is request_too_large", async () => {
    const piece = new Uint8Array(1_000_000).fill(0x20);
    let left = 50;
    const body = new ReadableStream({
      pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
    });
    const response = await fetch(gateway.url + chat, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit);
    await expectOpenai(response, 413, "request_too_large");
  });

  it("that inflates to 200 MB is request_too_large", async () => {
    await expectOpenai(await post(gzipSync(Buffer.alloc(200_000_000, 0x20)), { "content-encoding": "gzip" }), 413, "request_too_large");
  });

  it("that is not what its coding says is request_invalid", async () => {
    await expectOpenai(await post("not gzip", { "content-encoding": "gzip" }), 400, "request_invalid");
  });

  it("that is coded is read", async () => {
    expect((await post(gzipSync(good), { "content-encoding": "gzip" })).status).toBe(200);
  });

  it("that stalls is request_timeout", async () => {
    const answer = await sendRaw(gateway.port, [
      `POST ${chat} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"mo`,
    ]);
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: "request_timeout" } });
  });

  it("is asked for only once it is wanted", async () => {
    const head = `POST ${chat} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n`;
    const welcome = await sendRaw(gateway.port, [`${head}Content-Length: ${good.length}\r\n\r\n`, good]);
    expect(welcome.status).toBe(100);
    expect(welcome.body).toContain("HTTP/1.1 200");
    const refused = await sendRaw(gateway.port, [`${head}Content-Length: 999999999\r\n\r\n`]);
    expect(refused.status).toBe(413);
  });
});

const request = (...headers: string[]): string => `POST ${chat} HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;

describe("a request head", () => {
  const expectRaw = async (bytes: string, status: number, reason: string): Promise<void> => {
    const answer = await sendRaw(gateway.port, [bytes]);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`"${reason}"`);
    expect(answer.head).toMatch(/x-request-id: [0-9a-f]{32}/);
  };

  it("with both lengths is refused, whichever comes first, and its connection closed", async () => {
    const one = request("Host: h", "Content-Length: 5", "Transfer-Encoding: chunked");
    const two = request("Host: h", "Transfer-Encoding: chunked", "Content-Length: 5");
    await expectRaw(`${one}0\r\n\r\n`, 400, "request_invalid");
    await expectRaw(`${two}0\r\n\r\n`, 400, "request_invalid");
  });

  it("with two different lengths is refused", async () => {
    await expectRaw(`${request("Host: h", "Content-Length: 5", "Content-Length: 6")}hello`, 400, "request_invalid");
  });

  it("that is too large is headers_too_large", async () => {
    await expectRaw(request("Host: h", `X-A: ${"a".repeat(20_000)}`), 431, "headers_too_large");
  });

  it("with a flood of headers is headers_too_large", async () => {
    const flood = Array.from({ length: 200 }, (_, index) => `X-${index}: a`);
    await expectRaw(request("Host: h", "Connection: close", ...flood), 431, "headers_too_large");
  });

  it("that never ends is request_timeout", async () => {
    await expectRaw(`POST ${chat} HTTP/1.1\r\nHost: h\r\nX-Slow: `, 408, "request_timeout");
  });

  it.each([
    "Upgrade: websocket\r\nConnection: Upgrade",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
  ])("that asks for another protocol is operation_unsupported", async (headers) => {
    await expectRaw(`GET /v1/models HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n`, 501, "operation_unsupported");
  });

  it("that asks for a tunnel is operation_unsupported", async () => {
    await expectRaw("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", 501, "operation_unsupported");
  });

  it.each([
    ["no host", request("Connection: close")],
    ["two hosts", request("Host: a", "Host: b", "Connection: close")],
    ["a host that is none", request("Host: a/b", "Connection: close")],
    ["two connections", request("Host: h", "weir-connection: a", "weir-connection: b", "Connection: close")],
    ["another expectation", request("Host: h", "Expect: magic", "Connection: close")],
    ["rubbish", "\u0016\u0003\u0001\u0002\r\n\r\n"],
    ["a bare line feed in a value", request("Host: h", "X: a\nb: c", "Connection: close")],
  ])("with %s is request_invalid", async (_name, bytes) => {
    await expectRaw(bytes, 400, "request_invalid");
  });

  it.each([
    "/v1/a%2fb",
    "/v1/../admin",
    "/v1/%2e%2e/admin",
    "//v1/models",
    "/v1/./models",
    "/v1/%00",
    "/v1/a%5cb",
    "http://other/v1/models",
    "/v1/%zz",
    "*",
  ])("for the target %s is request_invalid", async (target) => {
    await expectRaw(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`, 400, "request_invalid");
  });

  it.each([
    ["two different credentials", ["Authorization: Bearer a", "x-api-key: b"]],
    ["a repeated credential header", ["Authorization: Bearer a", "Authorization: Bearer a"]],
    ["a scheme that is not Bearer", ["Authorization: Basic YTpi"]],
    ["an empty credential", ["Authorization: Bearer "]],
    ["an empty key", ["api-key: "]],
  ])("with %s is credential_invalid, never anonymous", async (_name, headers) => {
    await expectRaw(request("Host: h", "Content-Length: 0", "Connection: close", ...headers), 401, "credential_invalid");
  });

  it("for nothing that is here is target_unknown, in the words of REST", async () => {
    const response = await fetch(`${gateway.url}/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: expect.any(String),
      code: "target_unknown",
      session: response.headers.get("x-request-id"),
    });
  });
});
