/** Upstreams that hang, die, lie or talk rubbish: each gets its reason, no answer looks whole that is not, and the next call works. */

import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatAnswer, chatStream, chunkOf, json, pieces, rawBytes, type Script, ScriptedUpstream } from "../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: OpenaiGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  const timeouts = { connect: 500, firstByte: 400, idle: 400, total: 1_500 };
  gateway = await startOpenaiGateway({ connections: [upstream.connection({ timeouts })], masked: true });
});

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ask = (stream = false): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] }),
  });

const told = async (script: Script, stream = false): Promise<{ status: number; text: string; headers: Headers }> => {
  upstream.script = script;
  const response = await ask(stream);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

afterEach(async () => {
  expect((await told(json(chatAnswer("fine")))).status).toBe(200);
});

const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
const whole = JSON.stringify(chatAnswer("x"));

describe("an upstream that answers badly", () => {
  const hang: Script = () => {};
  const die: Script = (_call, _response, socket) => {
    socket.destroy();
  };
  const redirect: Script = (_call, response) => {
    response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  };
  const html: Script = (_call, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>");
  };
  it.each<[string, Script, number, string]>([
    ["hangs", hang, 504, "upstream_timeout"],
    ["dies before it answers", die, 503, "upstream_unavailable"],
    ["is no HTTP server", rawBytes("SSH-2.0-OpenSSH\r\n\r\n"), 502, "upstream_invalid"],
    ["sends less than it announced", rawBytes(`${head}Content-Length: 500\r\n\r\n{`), 502, "upstream_invalid"],
    ["announces two lengths", rawBytes(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), 502, "upstream_invalid"],
    ["redirects", redirect, 502, "upstream_invalid"],
    ["refuses our credential", json({ error: { message: "bad key sk-upstream" } }, 401), 502, "upstream_invalid"],
    ["forbids our credential", json({ error: { message: "bad key sk-upstream" } }, 403), 502, "upstream_invalid"],
    ["answers HTML", html, 502, "upstream_invalid"],
    ["answers half a JSON", rawBytes(`${head}Content-Length: 5\r\n\r\n{"a":`), 502, "upstream_invalid"],
    ["answers JSON with a key twice", rawBytes(`${head}Content-Length: 13\r\n\r\n{"a":1,"a":2}`), 502, "upstream_invalid"],
    ["answers gzip that is none", rawBytes(`${head}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`), 502, "upstream_invalid"],
    ["answers in an unknown coding", rawBytes(`${head}Content-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}`), 502, "upstream_invalid"],
    ["sends a head without end", rawBytes(`${head}X: ${"a".repeat(40_000)}`), 502, "upstream_invalid"],
  ])("and %s is told apart", async (_name, script, status, reason) => {
    const answer = await told(script);
    expect(answer).toMatchObject({ status, text: expect.stringContaining(`"code":"${reason}"`) });
    expect(answer.text).not.toContain("sk-upstream");
    expect(answer.headers.get("x-should-retry")).toBe(status === 502 ? "false" : null);
  });

  it("and sends more than it announced is cut where it said it would end, and its connection dropped", async () => {
    const answer = await told(
      rawBytes(`${head}Content-Length: ${whole.length}\r\n\r\n${whole}HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad`),
    );
    expect(answer).toMatchObject({ status: 200, text: whole });
    expect((await told(json(chatAnswer("next")))).text).toContain('"next"');
  });

  it("and cannot be reached is upstream_unavailable", async () => {
    const closed = await ScriptedUpstream.start();
    const connection = closed.connection();
    await closed.close();
    const lost = await startOpenaiGateway({ connections: [connection] });
    const response = await fetch(`${lost.url}/v1/models`);
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: "upstream_unavailable" } }]);
    await lost.close();
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("though asked for none, in the coding %s is read", async (coding, compress) => {
    const bytes = compress(whole);
    const answer = await told((_call, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": coding }).end(bytes);
    });
    expect(upstream.calls.at(-1)?.headers["accept-encoding"]).toBe("identity");
    expect(answer).toMatchObject({ status: 200, text: whole });
    expect(answer.headers.get("content-encoding")).toBeNull();
  });
});

describe("an upstream's own errors", () => {
  it("pass with their status, words and the headers that clients act on", async () => {
    const body = { error: { message: "Slow down", type: "requests", param: null, code: "rate_limit" } };
    const answer = await told(
      json(body, 429, { "retry-after": "7", "x-ratelimit-remaining-tokens": "0", "openai-organization": "ours", "set-cookie": "a=b" }),
    );
    expect(answer).toMatchObject({ status: 429, text: JSON.stringify(body) });
    expect(Object.fromEntries(answer.headers)).toMatchObject({ "retry-after": "7", "x-ratelimit-remaining-tokens": "0" });
    expect(answer.headers.get("openai-organization")).toBeNull();
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("are texts even where they are HTML or broken JSON", async () => {
    const page = "<html>Bad gateway</html>";
    const answer = await told((_call, response) => {
      response.writeHead(502, { "content-type": "text/html" }).end(page);
    });
    expect(answer).toMatchObject({ status: 502, text: page });
    expect(
      (await told(rawBytes("HTTP/1.1 500 No\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\noops")))
        .text,
    ).toBe("oops");
  });
});

describe("a stream", () => {
  const [role = "", ...rest] = chatStream(["hello"]);
  const dying: Script = (_call, response, socket) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(role, () => socket.destroy());
  };
  const hanging: Script = (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(role);
  };
  const endless: Script = (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).write(role);
    const timer = setInterval(() => response.write(chunkOf({ content: "more" })), 20);
    response.on("close", () => clearInterval(timer));
  };

  it.each<[string, Script, string]>([
    ["dies in the middle", dying, "upstream_unavailable"],
    ["hangs in the middle", hanging, "upstream_timeout"],
    ["goes on for longer than it may", endless, "upstream_timeout"],
    ["ends without [DONE]", pieces([role, rest[0] ?? ""]), "upstream_invalid"],
    ["turns into rubbish", pieces([role, "data: {nonsense\n\n"]), "upstream_invalid"],
    ["turns into bytes that are no UTF-8", pieces([role, Buffer.from([0x64, 0x3a, 0xff, 0x0a, 0x0a])]), "upstream_invalid"],
  ])("that %s ends in an error event and never in [DONE]", async (_name, script, reason) => {
    const { status, text } = await told(script, true);
    expect(status).toBe(200);
    expect(text).toContain(role);
    expect(text.split("\n\n").at(-2)).toMatch(
      new RegExp(`^data: \\{"error":\\{"message":".*","type":"server_error","param":null,"code":"${reason}"\\}\\}$`),
    );
    expect(text).not.toContain("[DONE]");
  });

  it("that is rubbish from the start is a plain status", async () => {
    expect(await told(pieces(["hello\n\n", "data: x\n\n"]), true)).toMatchObject({
      status: 502,
      text: expect.stringContaining("upstream_invalid"),
    });
  });

  it("that ends without ever beginning is a plain status", async () => {
    expect(await told(pieces([]), true)).toMatchObject({ status: 502, text: expect.stringContaining("upstream_invalid") });
  });

  it("that talks on after [DONE] is cut there", async () => {
    const stream = chatStream(["hello"]);
    const answer = await told(pieces([...stream, chunkOf({ content: "leak" }), chunkOf({ content: "leak" })]), true);
    expect(answer).toMatchObject({ status: 200, text: stream.join("") });
  });

  it("whose connection stays open after [DONE] still ends", async () => {
    const stream = chatStream(["hello"]);
    const lingering: Script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(stream.join(""));
    };
    expect(await told(lingering, true)).toMatchObject({ status: 200, text: stream.join("") });
  });

  it("that is coded is read as it comes", async () => {
    const stream = chatStream(["hello"]).join("");
    expect(await told(pieces([gzipSync(stream)], { "content-encoding": "gzip" }), true)).toMatchObject({ status: 200, text: stream });
  });
});
