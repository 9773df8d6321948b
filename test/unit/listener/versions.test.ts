/** One port in clear text: which version of HTTP a connection speaks is told by its first bytes, however they are cut. */

import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EchoListener, startEchoListener } from "../../support/echo-listener.ts";
import { FrameClient, frameTypes, getRequest, http2Preface, settings } from "../../support/http2-frames.ts";
import { sendRaw } from "../../support/raw-client.ts";

let echo: EchoListener;
beforeAll(async () => {
  echo = await startEchoListener({ limits: { headTimeout: 500 } });
});
afterAll(() => echo.close());

const get = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const post = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";

/** Writes pieces one by one, each in a packet of its own. */
const dribble = async (client: FrameClient, bytes: Buffer, size: number): Promise<void> => {
  client.socket.setNoDelay(true);
  for (let at = 0; at < bytes.length; at += size) {
    client.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe("a connection in clear text", () => {
  it("that begins with a request line speaks HTTP/1.1", async () => {
    expect(await sendRaw(echo.port, [get])).toMatchObject({ status: 200, head: expect.stringContaining("x-version: 1") });
    expect((await sendRaw(echo.port, [post])).body).toContain("abc");
  });

  it.each(["P", "PR", "PRI", "PRI *", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"])(
    "is not taken for HTTP/2 because it begins with %j",
    async (beginning) => {
      const socket = connect(echo.port, "127.0.0.1");
      socket.write(beginning);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.write("X /x HTTP/1.1\r\n\r\n");
      socket.resume();
      await once(socket, "close");
    },
  );

  it("may come to its POST letter by letter", async () => {
    const client = new FrameClient(echo.port);
    let text = "";
    client.socket.on("data", (chunk) => {
      text += String(chunk);
    });
    await dribble(client, Buffer.from(post), 1);
    await client.closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*\nabc\r/);
  });

  const opening = Buffer.concat([http2Preface, settings, getRequest(1, "/x")]);

  it.each([1, 2, 3, 7, 23, 24, 25, opening.length])(
    "that begins with HTTP/2's preface speaks HTTP/2, in pieces of %d bytes",
    async (size) => {
      const client = new FrameClient(echo.port);
      await dribble(client, opening, size);
      await expect.poll(() => client.of(frameTypes.headers, 1)).toHaveLength(1);
      client.socket.destroy();
    },
  );

  it("that says nothing in time is told so and closed", async () => {
    expect((await sendRaw(echo.port, [])).status).toBe(408);
    expect((await sendRaw(echo.port, ["PRI * HT"])).status).toBe(408);
  });

  it("that says nothing and leaves is closed", async () => {
    const socket = connect(echo.port, "127.0.0.1");
    socket.end();
    socket.resume();
    await once(socket, "close");
  });

  it("whose first words are another protocol's is closed without an answer of ours", async () => {
    for (const words of ["SSH-2.0-OpenSSH_9.9\r\n", "EHLO example.com\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\nXX\r\n"]) {
      expect((await sendRaw(echo.port, [words])).head).toBe("");
    }
  });
});
