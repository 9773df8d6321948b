/** What a hostile client can make an HTTP/2 server do for next to nothing, tried with frames made by hand: each attack ends, and others are served meanwhile. */

import { connect } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import { type EchoListener, type EchoOptions, startEchoListener } from "../../support/echo-listener.ts";
import {
  errorCodes,
  FrameClient,
  frame,
  frameFlags,
  frameTypes,
  getRequest,
  headerBlock,
  http2Preface,
  requestHeaders,
  reset,
  settings,
} from "../../support/http2-frames.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: EchoOptions = {}): Promise<{ echo: EchoListener; client: FrameClient }> => {
  const echo = await startEchoListener(options);
  const client = FrameClient.open(echo.port);
  closing.push(() => client.socket.destroy(), echo.close);
  return { echo, client };
};

/** That somebody else is answered, by the port itself. */
const expectOthersServed = async (echo: EchoListener): Promise<void> => {
  const session = connect(`http://127.0.0.1:${echo.port}`);
  const stream = session.request({ ":path": "/healthz" });
  const status = await new Promise((resolve) => stream.on("response", (head) => resolve(head[":status"])));
  session.destroy();
  expect(status).toBe(200);
};

const odd = (count: number): number[] => Array.from({ length: count }, (_, at) => 2 * at + 1);
const headers = (stream: number, flags: number, block: Buffer): Buffer => frame(frameTypes.headers, flags, stream, block);

describe("rapid reset", () => {
  it("(CVE-2023-44487) loses its connection once the budget of unanswered streams is spent", async () => {
    const { echo, client } = await start({ limits: { resets: 50, resetsPerSecond: 0 }, handle: () => {} });
    for (const stream of odd(100)) {
      client.write(getRequest(stream, "/"), reset(stream));
      await new Promise((resolve) => setImmediate(resolve));
      if (client.socket.destroyed) break;
    }
    await client.closed;
    expect(client.goaway).toBe(errorCodes.calm);
    expect(echo.heads.length).toBeLessThanOrEqual(51);
    await expectOthersServed(echo);
  });

  it("in one packet reaches no surface at all", async () => {
    const { echo, client } = await start({ limits: { resets: 50, resetsPerSecond: 0 } });
    client.write(...odd(1000).flatMap((stream) => [getRequest(stream, "/"), reset(stream)]));
    await client.closed;
    expect(echo.heads.length).toBeLessThanOrEqual(51);
    await expectOthersServed(echo);
  });

  it("by making the gateway reset (CVE-2025-8671) is the same", async () => {
    const { echo, client } = await start({ limits: { resets: 50, resetsPerSecond: 0 }, handle: () => {} });
    const noIncrement = Buffer.alloc(4);
    for (const stream of odd(200)) client.write(getRequest(stream, "/"), frame(frameTypes.windowUpdate, 0, stream, noIncrement));
    await client.closed;
    expect(echo.heads.length).toBeLessThanOrEqual(51);
    await expectOthersServed(echo);
  });

  it("is not what callers do who get their answers", async () => {
    const { echo, client } = await start({ limits: { resets: 5, resetsPerSecond: 0 } });
    for (const stream of odd(50)) {
      client.write(getRequest(stream, "/"));
      await expect.poll(() => client.of(frameTypes.headers, stream)).toHaveLength(1);
      client.write(reset(stream));
    }
    expect(client.goaway).toBeUndefined();
    expect(echo.heads).toHaveLength(50);
  });
});

describe("more streams than are allowed at once", () => {
  it("are refused while the caller may not know of the limit, so that it may try them again", async () => {
    const { echo, client } = await start({ limits: { streams: 10 }, handle: () => {} });
    client.write(...odd(12).map((stream) => getRequest(stream, "/")));
    await expect.poll(() => [client.resetOf(21), client.resetOf(23)]).toEqual([errorCodes.refused, errorCodes.refused]);
    expect(echo.heads).toHaveLength(10);
  });

  it("end the connection of a caller that has agreed to the limit", async () => {
    const { echo, client } = await start({ limits: { streams: 10 }, handle: () => {} });
    await expect.poll(() => client.of(frameTypes.settings)).not.toHaveLength(0);
    client.write(frame(frameTypes.settings, frameFlags.ack, 0), ...odd(12).map((stream) => getRequest(stream, "/")));
    await client.closed;
    expect(client.goaway).toBeGreaterThan(errorCodes.none);
    expect(echo.heads.length).toBeLessThanOrEqual(10);
  });
});

describe("a header block", () => {
  const opening = headerBlock(requestHeaders("/"));

  it("that never ends (a CONTINUATION flood) is not collected for ever", async () => {
    const { echo, client } = await start();
    client.write(headers(1, frameFlags.endStream, opening));
    const piece = frame(frameTypes.continuation, 0, 1, headerBlock([["x", "y".repeat(8_000)]]));
    for (let sent = 0; sent < 1000 && !client.socket.destroyed; sent++) {
      client.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.closed;
    expect(echo.heads).toHaveLength(0);
    await expectOthersServed(echo);
  });

  it("of a thousand empty CONTINUATION frames is not followed to its end", async () => {
    const { echo, client } = await start();
    client.write(headers(1, frameFlags.endStream, opening), ...odd(1000).map(() => frame(frameTypes.continuation, 0, 1)));
    await client.closed;
    await expectOthersServed(echo);
  });

  it("that names one large header of the table again and again (an HPACK bomb) ends its stream", async () => {
    const { echo, client } = await start();
    // RFC 7541: a literal that enters the dynamic table (0x40), then its index, 62 (0xbe), 4,000 times.
    const bomb = Buffer.concat([
      opening,
      Buffer.from([0x40, 1, 0x78, 127, 0x80 | (3_873 & 127), 3_873 >> 7]),
      Buffer.alloc(4_000, 0x61),
      Buffer.alloc(4_000, 0xbe),
    ]);
    client.write(headers(1, frameFlags.endStream | frameFlags.endHeaders, bomb));
    await expect.poll(() => client.resetOf(1) ?? client.goaway).toBeGreaterThan(0);
    expect(echo.heads).toHaveLength(0);
    await expectOthersServed(echo);
  });
});

describe("a flood of", () => {
  const nothing = Buffer.alloc(8);
  const floods: readonly (readonly [string, Buffer])[] = [
    ["pings", frame(frameTypes.ping, 0, 0, nothing)],
    ["settings", settings],
    ["empty data", frame(frameTypes.data, 0, 1)],
    ["resets of nothing", reset(1)],
    ["priorities of themselves", frame(frameTypes.priority, 0, 3, Buffer.from([0, 0, 0, 3, 0]))],
  ];

  it.each(floods)("%s, whose sender reads nothing, ends with its connection or costs no memory", async (_name, each) => {
    const { echo, client } = await start();
    client.socket.pause();
    client.write(headers(1, frameFlags.endHeaders, headerBlock(requestHeaders("/", "POST"))));
    const before = process.memoryUsage().rss;
    const packet = Buffer.concat(Array.from({ length: 1_000 }, () => each));
    for (let sent = 0; sent < 200 && !client.socket.destroyed; sent++) {
      if (!client.socket.write(packet)) {
        await Promise.race([new Promise((resolve) => client.socket.once("drain", resolve)), client.closed]);
      }
    }
    await expectOthersServed(echo);
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  });

  it("data that nobody reads is held back by the stream's window", async () => {
    const { echo, client } = await start({ handle: () => {} });
    client.write(headers(1, frameFlags.endHeaders, headerBlock(requestHeaders("/", "POST"))));
    client.write(...odd(100).map(() => frame(frameTypes.data, 0, 1, Buffer.alloc(16_000))));
    await expect.poll(() => client.goaway ?? client.resetOf(1)).toBe(errorCodes.flowControl);
    await expectOthersServed(echo);
  });
});

describe("a connection that", () => {
  it("sends its preface and nothing else is closed when it has idled long enough", async () => {
    const { client } = await start({ limits: { idleTimeout: 300 } });
    await client.closed;
    expect(client.goaway).toBe(errorCodes.none);
  });

  it("begins a frame and never ends it is closed, however slowly it goes on", async () => {
    const echo = await startEchoListener({ limits: { idleTimeout: 300 } });
    closing.push(echo.close);
    const client = new FrameClient(echo.port);
    client.write(http2Preface, settings, frame(frameTypes.headers, 0, 1, Buffer.alloc(5_000)).subarray(0, 20));
    const drip = setInterval(() => client.write(Buffer.from([0])), 50);
    await client.closed;
    clearInterval(drip);
  });

  it("waits for an answer is not closed for being idle", async () => {
    let answer = (): void => {};
    const { client } = await start({
      limits: { idleTimeout: 200 },
      handle: (_head, _request, response) => {
        answer = () => response.end("at last");
      },
    });
    client.write(getRequest(1, "/"));
    await new Promise((resolve) => setTimeout(resolve, 600));
    answer();
    await expect
      .poll(() =>
        client
          .of(frameTypes.data, 1)
          .map(({ payload }) => String(payload))
          .join(""),
      )
      .toBe("at last");
    await client.closed;
  });

  it("leaves in the middle of everything leaves nothing behind", async () => {
    const { echo, client } = await start({
      handle: (_head, request, response) => void request.on("data", (chunk) => response.write(chunk)),
    });
    client.write(
      ...odd(20).flatMap((stream) => [
        headers(stream, frameFlags.endHeaders, headerBlock(requestHeaders("/", "POST"))),
        frame(frameTypes.data, 0, stream, Buffer.from("x")),
      ]),
    );
    await expect.poll(() => echo.heads).toHaveLength(20);
    client.socket.resetAndDestroy();
    await expectOthersServed(echo);
    await echo.listener.drain(10_000);
  });
});
