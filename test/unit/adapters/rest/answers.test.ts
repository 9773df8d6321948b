import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendRaw } from "../../../support/raw-client.ts";
import { type RestGateway, startRestGateway } from "../../../support/rest-gateway.ts";
import { json, pieces, type Script, ScriptedUpstream } from "../../../support/upstream.ts";

let upstream: ScriptedUpstream;
let gateway: RestGateway;
let masked: RestGateway;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  gateway = await startRestGateway({ upstream, body: { bytes: 100_000 } });
  masked = await startRestGateway({ upstream, masked: true, change: (text) => text.replaceAll("secret", "[MASKED]") });
});
afterAll(async () => {
  await gateway.close();
  await masked.close();
  await upstream.close();
});

const ask = (path: string, init: RequestInit = {}, at = gateway): Promise<Response> =>
  fetch(at.url + path, { redirect: "manual", ...init });

const answer =
  (status: number, headers: Record<string, string>, body: string | Buffer = ""): Script =>
  (_call, response) => {
    response.writeHead(status, headers).end(body);
  };

/** Begins an answer and breaks the connection. */
const broken =
  (contentType: string, begun: string): Script =>
  (_call, response, socket) => {
    response.writeHead(200, { "content-type": contentType });
    response.write(begun, () => setTimeout(() => socket.destroy(), 20));
  };

describe("a call", () => {
  it("goes to the upstream with the route's prefix taken off, its query but for credentials, and the connection's own credential", async () => {
    upstream.script = json({ ok: true });
    const got = await ask("/app/score/a%20b?x=1&token=t&y", {
      headers: { authorization: "Bearer mine", cookie: "a=b", accept: "application/json" },
    });
    expect([got.status, await got.json()]).toEqual([200, { ok: true }]);
    const call = upstream.calls.at(-1);
    expect([call?.method, call?.url]).toEqual(["GET", "/score/a%20b?x=1&y"]);
    expect(call?.headers).toMatchObject({
      authorization: "Bearer upstream-key",
      accept: "application/json",
      "accept-encoding": "identity",
    });
    expect(call?.headers.cookie).toBeUndefined();
  });

  it("to the route's own path adds nothing to the upstream's URL", async () => {
    upstream.script = json({});
    await ask("/app");
    expect(upstream.calls.at(-1)?.url).toBe("/");
    await ask("/app?x=1");
    expect(upstream.calls.at(-1)?.url).toBe("/?x=1");
    const below = await startRestGateway({ upstream, connection: { upstream: `http://127.0.0.1:${upstream.port}/base` } });
    await ask("/app?x=1", {}, below);
    expect(upstream.calls.at(-1)?.url).toBe("/base?x=1");
    await ask("/app/?x=1", {}, below);
    expect(upstream.calls.at(-1)?.url).toBe("/base/?x=1");
    await below.close();
  });

  it("asks for the whole, whatever range the caller wanted", async () => {
    upstream.script = answer(200, { "content-type": "text/plain", "accept-ranges": "bytes" }, "0123456789");
    const got = await ask("/app/file", { headers: { range: "bytes=5-", "if-range": '"x"' } });
    expect([got.status, await got.text(), got.headers.get("accept-ranges")]).toEqual([200, "0123456789", null]);
    expect(upstream.calls.at(-1)?.headers.range).toBeUndefined();
    upstream.script = answer(206, { "content-type": "text/plain", "content-range": "bytes 5-9/10" }, "56789");
    expect((await ask("/app/file")).status).toBe(502);
  });

  it("may send its body in chunks, and coded", async () => {
    upstream.script = json({});
    const chunked = await sendRaw(gateway.port, [
      "POST /app/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
      '3\r\n{"a\r\n',
      '5\r\n": 1}\r\n0\r\n\r\n',
    ]);
    expect([chunked.status, String(upstream.calls.at(-1)?.body)]).toEqual([200, '{"a": 1}']);
    await ask("/app/x", { method: "PUT", body: gzipSync("plain"), headers: { "content-type": "text/plain", "content-encoding": "gzip" } });
    expect([
      upstream.calls.at(-1)?.method,
      String(upstream.calls.at(-1)?.body),
      upstream.calls.at(-1)?.headers["content-encoding"],
    ]).toEqual(["PUT", "plain", undefined]);
  });

  it.each([
    [
      "inflates beyond the limit",
      { body: gzipSync("x".repeat(200_000)), headers: { "content-encoding": "gzip" } },
      "request_too_large",
      413,
    ],
    ["has two codings", { body: "x", headers: { "content-encoding": "gzip, br" } }, "media_type_unsupported", 415],
    ["is not what its coding says", { body: "x", headers: { "content-encoding": "gzip" } }, "request_invalid", 400],
    ["is no JSON", { body: "{", headers: { "content-type": "application/json" } }, "request_invalid", 400],
  ])("whose body %s is refused in words that REST clients read", async (_, init, code, status) => {
    const got = await ask("/app/x", { method: "POST", ...init });
    const body = Object(await got.json());
    expect([got.status, body.code, body.session, typeof body.error]).toEqual([status, code, got.headers.get("x-request-id"), "string"]);
  });

  it("by TRACE, which would show the connection's credential, is refused", async () => {
    const before = upstream.calls.length;
    const got = await sendRaw(gateway.port, ["TRACE /app/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]);
    expect([got.status, upstream.calls.length]).toEqual([501, before]);
  });
});

describe("an answer", () => {
  it("without a body stays without one", async () => {
    upstream.script = answer(200, { "content-type": "text/plain", "content-length": "10" });
    const head = await ask("/app/x", { method: "HEAD" });
    expect([head.status, head.headers.get("content-type"), head.headers.get("content-length"), await head.text()]).toEqual([
      200,
      "text/plain",
      "10",
      "",
    ]);
    expect((await ask("/app/x", { method: "HEAD" }, masked)).headers.get("content-length")).toBeNull();
    upstream.script = answer(204, {});
    expect((await ask("/app/x", { method: "DELETE" })).status).toBe(204);
    upstream.script = answer(304, { etag: '"v1"' });
    const same = await ask("/app/x", { headers: { "if-none-match": '"v1"' } });
    expect([same.status, same.headers.get("etag"), upstream.calls.at(-1)?.headers["if-none-match"]]).toEqual([304, '"v1"', '"v1"']);
  });

  it("has a weak entity tag where its text may be other than the upstream's", async () => {
    upstream.script = answer(200, { "content-type": "text/plain", etag: '"v1"' }, "x");
    expect((await ask("/app/x")).headers.get("etag")).toBe('"v1"');
    expect((await ask("/app/x", {}, masked)).headers.get("etag")).toBe('W/"v1"');
  });

  it.each([
    ["/predict/", "/app/predict/"],
    ["http://127.0.0.1:PORT/a?b=c#d", "/app/a?b=c#d"],
    ["next", "next"],
    ["https://elsewhere.example/x", "https://elsewhere.example/x"],
    ["http://127.0.0.1:PORT\\@evil.example/", "/app/@evil.example/"],
  ])("that redirects to %s is never followed, and leads the caller to %s", async (location, seen) => {
    upstream.script = answer(308, { location: location.replace("PORT", String(upstream.port)) });
    const before = upstream.calls.length;
    const got = await ask("/app/predict");
    expect([got.status, got.headers.get("location"), upstream.calls.length]).toEqual([308, seen, before + 1]);
  });

  it("does not tell where the upstream stands beside its own tree", async () => {
    const below = await startRestGateway({ upstream, connection: { upstream: `http://127.0.0.1:${upstream.port}/base` } });
    upstream.script = answer(302, { location: `http://127.0.0.1:${upstream.port}/other` });
    expect((await ask("/app/x", {}, below)).headers.get("location")).toBeNull();
    upstream.script = answer(302, { location: "/base/x" });
    expect((await ask("/app/x", {}, below)).headers.get("location")).toBe("/app/x");
    await below.close();
  });

  it("is no shared cache's to keep, and links within the gateway", async () => {
    const link = `<http://127.0.0.1:${upstream.port}/items?page=2>; rel="next"`;
    const controls = ["public, max-age=60", "max-age=60, s-maxage=600", "no-store", "public"];
    const seen: (string | null)[] = [];
    for (const control of controls) {
      upstream.script = answer(200, { "cache-control": control, link }, "x");
      const { headers } = await ask("/app/items");
      seen.push(headers.get("cache-control"));
      expect(headers.get("link")).toBe('</app/items?page=2>; rel="next"');
    }
    expect(seen).toEqual(["private, max-age=60", "private, max-age=60", "no-store", "private"]);
  });

  it("of two types at once is refused", async () => {
    upstream.script = (_call, response) => {
      response.writeHead(200, ["content-type", "text/plain", "content-type", "image/png"]).end("x");
    };
    expect((await ask("/app/x")).status).toBe(502);
  });

  it("brings no cookie, no one's name and no permission of the upstream's", async () => {
    upstream.script = answer(
      200,
      { "set-cookie": "a=b", server: "nginx", "x-accel-redirect": "/etc", "access-control-allow-origin": "*", "weir-x": "1" },
      "x",
    );
    const { headers } = await ask("/app/x");
    expect(
      ["set-cookie", "server", "x-accel-redirect", "access-control-allow-origin", "weir-x"].filter((name) => headers.has(name)),
    ).toEqual([]);
  });

  it("of bytes passes as it is, with its length where it is known", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256));
    upstream.script = answer(
      200,
      {
        "content-type": "application/octet-stream",
        "content-length": String(bytes.length),
        "content-disposition": 'attachment; filename="x.bin"',
      },
      bytes,
    );
    const got = await ask("/app/x");
    expect([got.headers.get("content-length"), got.headers.get("content-disposition")]).toEqual(["300000", 'attachment; filename="x.bin"']);
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("of any length is masked as it comes", async () => {
    const rows = Array.from({ length: 30_000 }, (_, n) => ({ n, note: n % 1_000 === 0 ? "secret" : "plain" }));
    upstream.script = json(rows);
    const got = await (await ask("/app/x", {}, masked)).text();
    expect(JSON.parse(got)).toEqual(rows.map(({ n, note }) => ({ n, note: note.replace("secret", "[MASKED]") })));
  });

  it("that inflates to far more than it came as is read as it comes", async () => {
    const text = "plain ".repeat(2_000_000);
    upstream.script = answer(200, { "content-type": "text/plain", "content-encoding": "gzip" }, gzipSync(text));
    expect((await (await ask("/app/x", {}, masked)).text()).length).toBe(text.length);
  });

  it("of the upstream that says our credential is at fault is ours to mend", async () => {
    upstream.script = json({ error: "who are you?" }, 401);
    expect((await ask("/app/x")).status).toBe(502);
  });

  it("is text only while it is UTF-8 without NUL, however it is cut, and a byte order mark stays out of it", async () => {
    const utf16 = Buffer.from('{"a":"secret"}', "utf16le");
    const bytes = Buffer.concat([Buffer.from("\ufeffa secret, "), utf16, Buffer.from("a secret")]);
    const seen = new Set<string>();
    for (let at = bytes.indexOf(", "); at < bytes.length; at += 3) {
      upstream.script = pieces([bytes.subarray(0, at), bytes.subarray(at)], { "content-type": "text/plain" });
      seen.add(Buffer.from(await (await ask("/app/x", {}, masked)).arrayBuffer()).toString("latin1"));
    }
    const cut = bytes.indexOf(0);
    expect([...seen].map((text) => text.slice(-8))).toEqual(["a secret"]);
    expect([...seen][0]).toContain(Buffer.from("\ufeffa [MASKED], ").toString("latin1"));
    expect([...seen][0]?.endsWith(bytes.subarray(cut).toString("latin1"))).toBe(true);
    for (const contentType of ["application/json", "application/x-ndjson"]) {
      upstream.script = pieces(['\ufeff{"a":1}\n', '{"a":2}\n'], { "content-type": contentType });
      expect(Buffer.from(await (await ask("/app/x")).arrayBuffer()).toString()).toBe('\ufeff{"a":1}\n{"a":2}\n');
    }
  });

  it("has lines of any name in its events", async () => {
    const events = "constructor: x\n__proto__: secret\ndata: 1\n\n";
    upstream.script = pieces([events], { "content-type": "text/event-stream" });
    expect(await (await ask("/app/x", {}, masked)).text()).toBe(events.replace("secret", "[MASKED]"));
  });

  it("loses what repeats its text as numbers while it is masked, and only then", async () => {
    const token = { id: 4111, text: "a", logprob: -0.5, special: false };
    const chat = {
      choices: [{ index: 0, message: { content: "a" }, logprobs: { content: [{ token: "a" }] }, token_ids: [7] }],
      prompt_token_ids: [1],
    };
    const cases = [
      [
        "/app/generate",
        "application/json",
        { generated_text: "a", details: { tokens: [token], prefill: [], seed: 1 } },
        { generated_text: "a", details: { tokens: null, prefill: null, seed: 1 } },
      ],
      [
        "/app/v1/chat",
        "application/json",
        chat,
        { choices: [{ index: 0, message: { content: "a" }, logprobs: null, token_ids: null }], prompt_token_ids: null },
      ],
      ["/app/completion", "application/json", { content: "a", tokens: [7] }, { content: "a", tokens: null }],
      ["/app/predict", "application/json", { context: [1], tokens: 7 }, { context: [1], tokens: 7 }],
    ] as const;
    for (const [path, contentType, sent, received] of cases) {
      const body = JSON.stringify(sent);
      upstream.script = answer(200, { "content-type": contentType, "content-length": String(body.length) }, body);
      expect(await (await ask(path, { method: "POST" })).json()).toEqual(sent);
      expect(await (await ask(path, { method: "POST" }, masked)).json()).toEqual(received);
    }
    upstream.script = pieces([`data: ${JSON.stringify({ token, top_tokens: [] })}\n\n`]);
    expect(await (await ask("/app/x", {}, masked)).text()).toBe(
      'data: {"token":{"id":null,"text":"a","logprob":null,"special":false},"top_tokens":null}\n\n',
    );
    upstream.script = pieces(['{"response":"a","done":true,"context":[1,2]}\n'], { "content-type": "application/x-ndjson" });
    expect(await (await ask("/app/api/generate", { method: "POST" }, masked)).text()).toBe('{"response":"a","done":true,"context":null}\n');
  });

  it("that breaks off as events or lines ends in words, and any other breaks off too", async () => {
    upstream.script = broken("text/event-stream", 'data: {"a":1}\n\n');
    const events = await (await ask("/app/x")).text();
    expect(events).toMatch(
      /^data: \{"a":1\}\n\nevent: error\ndata: \{"error":"[^"]+","code":"upstream_unavailable","session":"[0-9a-f]+"\}\n\n$/,
    );
    upstream.script = broken("application/x-ndjson", '{"a":1}\n');
    const lines = (await (await ask("/app/x")).text()).trimEnd().split("\n");
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ code: "upstream_unavailable" });
    upstream.script = broken("application/json", '[{"a":1},');
    await expect((await ask("/app/x")).text()).rejects.toThrow();
    upstream.script = broken("text/plain", "once upon a time");
    await expect((await ask("/app/x")).text()).rejects.toThrow();
  });

  it("in characters that are none is passed on from there as bytes", async () => {
    const bytes = [Buffer.from("caf"), Buffer.from([0xc3]), Buffer.from([0xa9, 0x20, 0xff, 0x41])];
    for (const contentType of ["text/plain", "application/json", "application/x-ndjson"]) {
      upstream.script = pieces(bytes, { "content-type": contentType });
      expect(Buffer.from(await (await ask("/app/x")).arrayBuffer())).toEqual(Buffer.concat(bytes));
    }
    const events = [Buffer.from('data: {"text_output":"caf'), Buffer.from([0xc3]), Buffer.from('"}\n\ndata: {"text_output":"x"}\n\n')];
    upstream.script = pieces(events);
    expect(Buffer.from(await (await ask("/app/x")).arrayBuffer())).toEqual(Buffer.concat(events));
  });

  it("that its caller leaves is no longer asked for", async () => {
    const piece = Buffer.alloc(10_000, "x");
    upstream.script = pieces(Array(20_000).fill(piece), { "content-type": "text/plain" });
    const leaving = new AbortController();
    const reader = (await ask("/app/x", { signal: leaving.signal })).body?.getReader();
    await reader?.read();
    leaving.abort();
    await upstream.calls.at(-1)?.closed;
  });

  it("with binary tensors says how long its JSON is after masking", async () => {
    const element = Buffer.from("secret");
    const outputs = [{ name: "o", datatype: "BYTES", shape: [1], parameters: { binary_data_size: 10 } }];
    const head = JSON.stringify({ model_name: "secret", outputs });
    const body = Buffer.concat([Buffer.from(head), Buffer.from([6, 0, 0, 0]), element]);
    upstream.script = answer(
      200,
      { "content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },
      body,
    );
    const got = await ask("/app/v2/models/m/infer", { method: "POST", body: '{"inputs":[]}' }, masked);
    const bytes = Buffer.from(await got.arrayBuffer());
    const length = Number(got.headers.get("inference-header-content-length"));
    expect(JSON.parse(bytes.subarray(0, length).toString())).toEqual({
      model_name: "[MASKED]",
      outputs: [{ ...outputs[0], parameters: { binary_data_size: 12 } }],
    });
    expect(bytes.subarray(length)).toEqual(Buffer.concat([Buffer.from([8, 0, 0, 0]), Buffer.from("[MASKED]")]));
  });
});
