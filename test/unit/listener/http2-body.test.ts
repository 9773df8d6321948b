/** Bodies over HTTP/2 are read within the limits that hold over HTTP/1.1. */

import { type ClientHttp2Session, connect } from "node:http2";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatAnswer, json, ScriptedUpstream } from "../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: OpenaiGateway;
let session: ClientHttp2Session;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  upstream.script = json(chatAnswer("fine"));
  gateway = await startOpenaiGateway({ connections: [upstream.connection()], body: { time: 400, bytes: 1_000_000 } });
  session = connect(gateway.url);
});
afterAll(async () => {
  session.destroy();
  await gateway.close();
  await upstream.close();
});

const good = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });

/** Sends a body in these pieces; `open`: and does not end it. */
const post = (
  pieces: readonly (string | Buffer)[],
  headers: Record<string, string> = {},
  open = false,
): Promise<{ status: number; code: unknown }> =>
  new Promise((resolve) => {
    const stream = session.request(
      { ":method": "POST", ":path": "/v1/chat/completions", "content-type": "application/json", ...headers },
      { endStream: false },
    );
    let status = 0;
    let text = "";
    stream.on("response", (head) => {
      status = Number(head[":status"]);
    });
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.on("error", () => {});
    stream.on("end", () => resolve({ status, code: status === 200 ? undefined : JSON.parse(text).error.code }));
    for (const piece of pieces) stream.write(piece);
    if (!open) stream.end();
  });

describe("a body over HTTP/2", () => {
  it.each([
    ["in one piece", [good]],
    ["letter by letter", [...good]],
    ["without a length", [good.slice(0, 5), good.slice(5)]],
  ])("%s is read", async (_name, pieces) => {
    expect((await post(pieces)).status).toBe(200);
  });

  it("that is coded is read", async () => {
    expect((await post([gzipSync(good)], { "content-encoding": "gzip" })).status).toBe(200);
  });

  it("that stalls is request_timeout", async () => {
    expect(await post([good.slice(0, 5)], {}, true)).toEqual({ status: 408, code: "request_timeout" });
  });

  it("that is too large by what arrives, or by what it says of itself, is request_too_large", async () => {
    const large = Buffer.alloc(1_500_000, 0x20);
    expect(await post([large])).toEqual({ status: 413, code: "request_too_large" });
    expect(await post([], { "content-length": "999999999" }, true)).toEqual({ status: 413, code: "request_too_large" });
  });

  it("that inflates beyond the limit is request_too_large", async () => {
    expect(await post([gzipSync(Buffer.alloc(50_000_000, 0x20))], { "content-encoding": "gzip" })).toEqual({
      status: 413,
      code: "request_too_large",
    });
  });

  it("that is none is request_invalid", async () => {
    expect(await post([])).toEqual({ status: 400, code: "request_invalid" });
  });

  it("leaves the connection to the next call, whatever was wrong with it", async () => {
    expect((await post([good])).status).toBe(200);
    expect(session.closed).toBe(false);
  });
});
