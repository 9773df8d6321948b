/** Requests over HTTP/2: read, refused and answered as over HTTP/1.1. */

import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import { type EchoListener, type EchoOptions, startEchoListener } from "../../support/echo-listener.ts";
import { FrameClient, frame, frameFlags, frameTypes, headerBlock, requestHeaders } from "../../support/http2-frames.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: EchoOptions = {}): Promise<{ echo: EchoListener; session: ClientHttp2Session }> => {
  const echo = await startEchoListener(options);
  const session = connect(`http://127.0.0.1:${echo.port}`);
  session.on("error", () => {});
  closing.push(async () => session.destroy(), echo.close);
  return { echo, session };
};

interface Answered {
  readonly head: IncomingHttpHeaders;
  readonly body: string;
  readonly code: number;
}

/** A request whose writable side stays open when `body` is undefined and `end` is false. */
const ask = (session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answered> =>
  new Promise((resolve) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let head: IncomingHttpHeaders = {};
    let text = "";
    stream.on("response", (received) => {
      head = received;
    });
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.on("error", () => {});
    stream.on("close", () => resolve({ head, body: text, code: stream.rstCode }));
    if (body !== undefined) stream.end(body);
  });

describe("a request over HTTP/2", () => {
  it("reaches its surface with path, query, host and credentials", async () => {
    const { echo, session } = await start();
    const answer = await ask(session, { ":path": "/a?b=c", ":authority": "Model.Internal:8080", "weir-connection": "x", "x-api-key": "k" });
    expect(answer.head).toMatchObject({ ":status": 200, "x-version": "2" });
    expect(echo.heads).toMatchObject([
      {
        method: "GET",
        query: "b=c",
        remoteAddress: "127.0.0.1",
        route: { path: "/a", host: "model.internal", connection: "x" },
        credentials: [{ source: "x-api-key", value: "k" }],
      },
    ]);
  });

  it("carries a body both ways, whatever its length", async () => {
    const { session } = await start();
    for (const size of [1, 16_384, 3_000_000]) {
      const body = "x".repeat(size);
      expect((await ask(session, { ":path": "/", ":method": "POST" }, body)).body).toBe(body);
    }
  });

  it("may be one of many at once", async () => {
    const { session } = await start();
    const answers = await Promise.all(Array.from({ length: 250 }, (_, at) => ask(session, { ":path": "/", ":method": "POST" }, `${at}`)));
    expect(answers.map(({ body }) => body)).toEqual(answers.map((_, at) => `${at}`));
  });

  it("is answered while a large answer waits for its reader on the same connection", async () => {
    const { session } = await start({
      handle: ({ route }, _request, response) =>
        void response.writeHead(200, {}).end(route.path === "/large" ? Buffer.alloc(64_000_000) : "small"),
    });
    const large = session.request({ ":path": "/large" });
    await new Promise((resolve) => large.once("response", resolve));
    expect(await ask(session, { ":path": "/" })).toMatchObject({ head: { ":status": 200 }, body: "small" });
    let size = 0;
    for await (const chunk of large) size += chunk.length;
    expect(size).toBe(64_000_000);
  });

  it("is answered without a body where it asks by HEAD", async () => {
    const { session } = await start();
    expect(await ask(session, { ":path": "/", ":method": "HEAD" })).toMatchObject({ head: { ":status": 200 }, body: "", code: 0 });
  });

  it.each([
    ["an ambiguous path", { ":path": "/../x" }, 400, "request_invalid"],
    ["a port that is none", { ":path": "/", ":authority": "h:123456" }, 400, "request_invalid"],
    ["a repeated weir-connection", { ":path": "/", "weir-connection": ["a", "b"] }, 400, "request_invalid"],
    ["an unknown expectation", { ":path": "/", expect: "magic" }, 400, "request_invalid"],
    ["large headers", { ":path": "/", a: "a".repeat(17_000) }, 431, "headers_too_large"],
    [
      "many headers",
      { ":path": "/", ...Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`h${at}`, ""])) },
      431,
      "headers_too_large",
    ],
    ["a tunnel", { ":method": "CONNECT", ":authority": "example.com:443" }, 501, "operation_unsupported"],
  ])("with %s is refused in words", async (_name, headers: OutgoingHttpHeaders, status, reason) => {
    const { echo, session } = await start();
    expect(await ask(session, headers)).toMatchObject({
      head: { ":status": status, "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/), "x-should-retry": "false" },
      body: reason,
      code: 0,
    });
    expect(echo.heads).toHaveLength(0);
    expect((await ask(session, { ":path": "/" })).head[":status"]).toBe(200);
  });

  it("is asked for its body only once somebody wants it", async () => {
    const { session } = await start({
      handle: (_head, request, response) => {
        response.writeContinue();
        request.resume().on("end", () => response.end("thanks"));
      },
    });
    const stream = session.request({ ":path": "/", ":method": "POST", expect: "100-continue" }, { endStream: false });
    await new Promise((resolve) => stream.once("continue", () => resolve(stream.end("body"))));
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    expect(body).toBe("thanks");
  });

  it("that is answered while it still sends may finish, but not for ever", async () => {
    const { session } = await start({ handle: (_head, request, response) => void request.once("data", () => response.end("enough")) });
    const stream = session.request({ ":path": "/", ":method": "POST" }, { endStream: false });
    stream.write("a");
    stream.resume();
    await new Promise((resolve) => stream.once("close", resolve));
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it("to /healthz and /readyz is answered by the port itself", async () => {
    const { echo, session } = await start();
    expect(await ask(session, { ":path": "/healthz" })).toMatchObject({ head: { ":status": 200 }, body: '{"status":"ok"}' });
    expect(await ask(session, { ":path": "/readyz" })).toMatchObject({ head: { ":status": 200 } });
    expect(echo.heads).toHaveLength(0);
  });
});

describe("headers that HTTP/2 does not have", () => {
  it.each([
    ["connection", "close"],
    ["keep-alive", "timeout=5"],
    ["proxy-connection", "keep-alive"],
    ["transfer-encoding", "chunked"],
    ["upgrade", "websocket"],
    ["te", "gzip"],
    ["Upper", "case"],
    [":unknown", "pseudo"],
    ["content-length", "x"],
  ])("%s: %s end the stream as malformed (RFC 9113 section 8.2)", async (name, value) => {
    const { echo } = await start();
    const client = FrameClient.open(echo.port);
    const block = headerBlock([...requestHeaders("/"), [name, value]]);
    client.write(frame(frameTypes.headers, frameFlags.endStream | frameFlags.endHeaders, 1, block));
    await expect.poll(() => client.resetOf(1) ?? client.goaway).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
    expect(echo.heads).toHaveLength(0);
    client.socket.destroy();
  });

  it("a Host that is not the authority is refused", async () => {
    const { echo } = await start();
    const client = FrameClient.open(echo.port);
    const block = headerBlock([...requestHeaders("/"), ["host", "elsewhere"]]);
    client.write(frame(frameTypes.headers, frameFlags.endStream | frameFlags.endHeaders, 1, block));
    await expect.poll(() => client.of(frameTypes.data, 1).map(({ payload }) => String(payload))).toEqual(["request_invalid"]);
    client.socket.destroy();
  });
});

describe("bare streams", () => {
  it.each([
    ["application/grpc", true],
    ["application/grpc+proto", true],
    ["application/grpc; charset=utf-8", true],
    ["Application/GRPC", true],
    ["application/grpc-web", false],
    ["application/grpc-web+proto", false],
    ["application/connect+json", false],
  ])("are what %s calls reach their surface as: %s", async (type, bare) => {
    const reached: string[] = [];
    const { session } = await start({
      more: [
        {
          name: "rpc",
          handle: (_head, _request, response) => {
            reached.push("objects");
            response.end();
          },
          handleStream: (_head, stream, rawHeaders) => {
            reached.push(rawHeaders.includes(":path") ? "stream" : "no headers");
            stream.respond({ ":status": 200 }, { endStream: true });
          },
          refusal: () => ({ contentType: "application/grpc", body: "" }),
        },
      ],
    });
    expect((await ask(session, { ":path": "/s/m", ":method": "POST", "content-type": type }, "")).head[":status"]).toBe(200);
    expect(reached).toEqual([bare ? "stream" : "objects"]);
  });

  it("are refused as their surface words it, trailers only", async () => {
    const { session } = await start({
      more: [
        {
          name: "rpc",
          handle: () => {},
          handleStream: () => {},
          refusal: (error, _session, mediaType) => ({
            contentType: mediaType ?? "",
            body: "",
            status: 200,
            headers: { "grpc-status": "3", "grpc-message": error.reason },
          }),
        },
      ],
    });
    expect(await ask(session, { ":path": "/../m", ":method": "POST", "content-type": "application/grpc" }, "")).toMatchObject({
      head: { ":status": 200, "grpc-status": "3", "grpc-message": "request_invalid", "content-type": "application/grpc" },
      body: "",
      code: 0,
    });
  });
});

describe("draining", () => {
  it("tells HTTP/2 callers to go, lets their open streams finish, and takes nothing new", async () => {
    let finish = (): void => {};
    const { echo, session } = await start({
      handle: (_head, _request, response) => {
        response.write("begun");
        finish = () => response.end(" and done");
      },
    });
    const open = ask(session, { ":path": "/" });
    await expect.poll(() => echo.heads).toHaveLength(1);
    const goaway = new Promise<number>((resolve) => session.once("goaway", resolve));
    const drained = echo.listener.drain(10_000);
    expect(await goaway).toBe(constants.NGHTTP2_NO_ERROR);
    finish();
    expect(await open).toMatchObject({ body: "begun and done", code: 0 });
    await drained;
  });

  it("cuts HTTP/2 streams that do not finish in time", async () => {
    const { echo, session } = await start({ handle: (_head, _request, response) => void response.write("begun") });
    const open = ask(session, { ":path": "/" });
    await expect.poll(() => echo.heads).toHaveLength(1);
    await echo.listener.drain(50);
    await open;
  });

  it("closes HTTP/2 connections that have nothing open at once", async () => {
    const { echo, session } = await start();
    await ask(session, { ":path": "/" });
    const closed = new Promise((resolve) => session.once("close", resolve));
    await echo.listener.drain(10_000);
    await closed;
  });
});
