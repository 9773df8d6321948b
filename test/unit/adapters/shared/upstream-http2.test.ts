/** Calls to upstreams over HTTP/2: connections are shared, bounded and replaced, addresses are checked, and every end has its reason. */

import { constants, createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect as connectTo, createServer as createRelay, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Http2Call } from "../../../../adapters/shared/http2-call.ts";
import { Http2Upstreams } from "../../../../adapters/shared/upstream-http2.ts";
import { networkOf } from "../../../../src/connections/index.ts";
import type { Connection, Timeouts } from "../../../../src/envelope/call.ts";
import { GatewayError } from "../../../../src/envelope/error.ts";

let server: Http2Server;
let sessions: ServerHttp2Session[];
let sockets: Set<Socket>;
let upstreams: Http2Upstreams;
let script: (stream: ServerHttp2Stream) => void;

const answer = (stream: ServerHttp2Stream): void => {
  stream.respond({ ":status": 200 });
  stream.end("fine");
};

beforeEach(async () => {
  sessions = [];
  sockets = new Set();
  script = answer;
  upstreams = new Http2Upstreams({ network: networkOf(() => true), sessions: 2 });
  server = createServer({ settings: { maxConcurrentStreams: 2 } });
  server.on("session", (session) => sessions.push(session));
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    script(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  upstreams.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const patient: Timeouts = { connect: 2_000, firstByte: 10_000, idle: 10_000, total: 20_000 };

const connection = (overrides: Partial<Connection> = {}): Connection => ({
  name: "up",
  revision: "1",
  protocol: "grpc",
  upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
  http: "2",
  credential: { header: "X-Key", value: "ours" },
  timeouts: patient,
  anonymous: false,
  ...overrides,
});

const staying = { left: false, onLeave: () => {} };

const begin = (to: Connection = connection(), more: Partial<Parameters<Http2Upstreams["begin"]>[1]> = {}): Promise<Http2Call> =>
  upstreams.begin(to, { method: "POST", path: "/call", headers: {}, leaving: staying, ...more });

const read = async (call: Http2Call): Promise<string> => {
  await call.head;
  let text = "";
  for await (const chunks of call.body) for (const chunk of chunks) text += chunk.toString();
  return text;
};

const reason = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: GatewayError) => error.reason,
  );

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

describe("connections", () => {
  it("are shared by calls, and bear path and credential", async () => {
    const seen: unknown[] = [];
    server.on("stream", (_stream, headers) => seen.push([headers[":path"], headers["x-key"]]));
    for (let count = 0; count < 3; count++) {
      const call = await begin();
      call.end();
      expect(await read(call)).toBe("fine");
    }
    expect([sessions.length, seen]).toEqual([1, Array(3).fill(["/base/call", "ours"])]);
  });

  it("take as many calls as their server allows; more are dialled, and further calls wait", async () => {
    const held: ServerHttp2Stream[] = [];
    script = (stream) => held.push(stream);
    const first = await begin();
    first.end();
    await until(() => held.length === 1);
    const calls = [first, ...(await Promise.all([begin(), begin(), begin()]))];
    for (const call of calls.slice(1)) call.end();
    await until(() => held.length === 4);
    const waiting = begin().then(async (call) => {
      call.end();
      return read(call);
    });
    script = answer;
    for (const stream of held) answer(stream);
    expect(await Promise.all(calls.map(read))).toEqual(Array(4).fill("fine"));
    expect(await waiting).toBe("fine");
    expect(sessions.length).toBe(2);
  });

  it("that their server takes back end in peace, and new calls go over another", async () => {
    const held: ServerHttp2Stream[] = [];
    script = (stream) => held.push(stream);
    const first = await begin();
    first.end();
    await until(() => held.length === 1);
    script = answer;
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, held[0]?.id ?? 0);
    while (sessions.length < 2) {
      const next = await begin();
      next.end();
      await read(next).catch(() => {}); // until the news has come, calls may still be refused
    }
    for (const stream of held) answer(stream);
    expect(await read(first)).toBe("fine");
  });

  it("are new ones where the connection's revision is", async () => {
    for (const revision of ["1", "2", "2"]) {
      const call = await begin(connection({ revision }));
      call.end();
      expect(await read(call)).toBe("fine");
    }
    expect(sessions.length).toBe(2);
  });
});

describe("a call fails", () => {
  it("where the address may not be dialled", async () => {
    const forbidding = new Http2Upstreams({ network: networkOf(() => false) });
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      const upstream = `http://${host}:${(server.address() as AddressInfo).port}`;
      const call = forbidding.begin(connection({ name: host, upstream }), { method: "POST", path: "/", headers: {}, leaving: staying });
      expect(await reason(call)).toBe("upstream_unavailable");
    }
    expect(sockets.size).toBe(0);
  });

  it("where nobody listens, and where TLS is wanted and there is none", async () => {
    const { port } = server.address() as AddressInfo;
    expect(await reason(begin(connection({ upstream: "http://127.0.0.1:1" })))).toBe("upstream_unavailable");
    expect(await reason(begin(connection({ name: "tls", upstream: `https://127.0.0.1:${port}` })))).toBe("upstream_unavailable");
  });

  it("by the code of its reset, or the loss of its connection", async () => {
    const ends: readonly [(stream: ServerHttp2Stream) => void, string, boolean][] = [
      [(stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM), "upstream_unavailable", true],
      [(stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM), "upstream_unavailable", false],
      [(stream) => stream.close(constants.NGHTTP2_CANCEL), "cancelled", false],
      [(stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), "upstream_invalid", false],
      [(stream) => stream.session?.destroy(), "upstream_unavailable", false],
    ];
    for (const [end, expected, refused] of ends) {
      script = end;
      const call = await begin();
      call.end();
      expect([await reason(read(call)), call.refused]).toEqual([expected, refused]);
    }
  });

  it("within its answer as before it", async () => {
    script = (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("begun");
      setImmediate(() => stream.destroy(new Error("it breaks")));
    };
    const call = await begin();
    call.end();
    expect(await reason(read(call))).toBe("upstream_invalid");
  });

  it("when its answer does not begin, falls silent, or takes too long as a whole", async () => {
    const silent = (stream: ServerHttp2Stream): void => {
      stream.respond({ ":status": 200 });
      stream.write("begun");
    };
    const limits: readonly [(stream: ServerHttp2Stream) => void, Partial<Timeouts>, number | undefined][] = [
      [() => {}, { firstByte: 60 }, undefined],
      [silent, { idle: 60 }, undefined],
      [silent, { total: 60 }, undefined],
      [silent, {}, 60],
    ];
    for (const [index, [behaviour, timeouts, within]] of limits.entries()) {
      script = behaviour;
      const call = await begin(connection({ revision: String(index), timeouts: { ...patient, ...timeouts } }), { within });
      call.end();
      expect(await reason(read(call))).toBe("upstream_timeout");
    }
  });

  it("when its caller leaves, and the upstream hears of it", async () => {
    const held: ServerHttp2Stream[] = [];
    const reset = new Promise<number | undefined>((resolve) => {
      script = (stream) => {
        held.push(stream);
        stream.on("close", () => resolve(stream.rstCode));
      };
    });
    const leave: (() => void)[] = [];
    const call = await begin(connection(), { leaving: { left: false, onLeave: (listener) => leave.push(listener) } });
    call.end();
    const ended = reason(read(call));
    await until(() => held.length === 1);
    for (const listener of leave) listener();
    expect([await ended, await reset]).toEqual(["cancelled", constants.NGHTTP2_CANCEL]);
  });

  it("within its request without a sign that the request were whole", async () => {
    const sent: Buffer[] = [];
    const { port } = server.address() as AddressInfo;
    const relay = createRelay((socket) => {
      const onward = connectTo(port, "127.0.0.1");
      socket.on("data", (chunk: Buffer) => sent.push(chunk));
      socket.pipe(onward).pipe(socket);
      for (const each of [socket, onward]) each.on("error", () => {});
      sockets.add(socket);
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const held: ServerHttp2Stream[] = [];
    script = (stream) => held.push(stream);
    const call = await begin(connection({ upstream: `http://127.0.0.1:${(relay.address() as AddressInfo).port}` }));
    call.write(Buffer.from("half of it"));
    await until(() => held.length === 1);
    call.stop(new GatewayError("cancelled"));
    expect(await reason(read(call))).toBe("cancelled");
    await until(() => held[0]?.closed === true);
    const frames = framesOf(Buffer.concat(sent)).filter(({ stream }) => stream > 0);
    expect(frames.filter(({ type, flags }) => type === "data" && (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0)).toEqual([]);
    expect(frames.at(-1)).toMatchObject({ type: "reset", code: constants.NGHTTP2_CANCEL });
    upstreams.close();
    await new Promise((resolve) => relay.close(resolve));
  });
});

/** The frames that a client sent, behind its preface (RFC 9113 sections 3.4 and 4.1). */
const framesOf = (bytes: Buffer): { type: "data" | "reset" | "other"; flags: number; stream: number; code: number | undefined }[] => {
  const frames: ReturnType<typeof framesOf> = [];
  let at = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;
  while (at + 9 <= bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const kind = bytes[at + 3];
    const type = kind === 0 ? "data" : kind === 3 ? "reset" : "other";
    frames.push({
      type,
      flags: bytes[at + 4] ?? 0,
      stream: bytes.readUInt32BE(at + 5),
      code: type === "reset" ? bytes.readUInt32BE(at + 9) : undefined,
    });
    at += 9 + length;
  }
  return frames;
};
