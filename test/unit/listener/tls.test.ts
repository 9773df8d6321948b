/** The port over TLS: the version by ALPN, client certificates, certificates renewed, and what is no TLS. */

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { Listener } from "../../../src/listener/index.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type EchoListener, type EchoOptions, startEchoListener } from "../../support/echo-listener.ts";
import { sendRaw } from "../../support/raw-client.ts";

const server = makeCertificate({ name: "localhost" });
const authority = makeCertificate({ name: "callers", authority: true });
const caller = makeCertificate({ name: "caller", by: authority });
const stranger = makeCertificate({ name: "stranger" });

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (options: EchoOptions = {}): Promise<EchoListener> => {
  const echo = await startEchoListener({ tls: server, ...options });
  closing.push(echo.close);
  return echo;
};

/** Resolves with a status; rejects where the connection is not taken. */
const askHttp1 = (port: number, options: ConnectionOptions = {}): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/x", ca: server.cert, agent: false, ...options }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    call.on("error", reject).end();
  });

const askHttp2 = (port: number, options: ConnectionOptions = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: server.cert, ...options });
    session.on("error", reject);
    session.on("close", () => reject(new Error("closed without an answer")));
    const stream = session.request({ ":path": "/x" });
    stream.on("error", reject);
    stream.on("response", (head) => {
      resolve(Number(head[":status"]));
      session.destroy();
    });
  });

const shake = async (port: number, options: ConnectionOptions): Promise<TLSSocket> => {
  const socket = connect({ host: "127.0.0.1", port, ca: server.cert, ...options });
  await once(socket, "secureConnect");
  return socket;
};

describe("over TLS", () => {
  it("both versions of HTTP are spoken on the one port", async () => {
    const { port } = await start();
    expect([await askHttp1(port), await askHttp2(port)]).toEqual([200, 200]);
  });

  it.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h2"],
    [["http/1.1"], "http/1.1"],
    [["spdy/3", "h2"], "h2"],
  ])("%j is agreed to as %s", async (offered, agreed) => {
    const { port } = await start();
    const socket = await shake(port, { ALPNProtocols: offered });
    expect(socket.alpnProtocol).toBe(agreed);
    socket.destroy();
  });

  it("nobody is let in by a protocol that is not spoken here", async () => {
    const { port } = await start();
    await expect(shake(port, { ALPNProtocols: ["spdy/3"] })).rejects.toThrow();
  });

  it("HTTP/1.1 is spoken where no protocol is offered", async () => {
    const { port } = await start();
    const socket = await shake(port, {});
    socket.write("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("old versions of TLS are not spoken", async () => {
    const { port } = await start();
    await expect(shake(port, { maxVersion: "TLSv1.1", minVersion: "TLSv1" })).rejects.toThrow();
  });

  it("what is no TLS gets nothing", async () => {
    const { port, heads } = await start();
    expect((await sendRaw(port, ["GET /x HTTP/1.1\r\nHost: h\r\n\r\n"]).catch(() => ({ status: 0 }))).status).toBe(0);
    expect(heads).toHaveLength(0);
  });

  it("a handshake that stalls is given up", async () => {
    const { port } = await start({ limits: { headTimeout: 300 } });
    const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
    socket.resume();
    await once(socket, "close");
  });

  it("a request that stalls is request_timeout", async () => {
    const { port } = await start({ limits: { headTimeout: 500 } });
    const socket = await shake(port, {});
    socket.write("GET /x HT");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("a certificate that cannot be used is told of at once", () => {
    expect(() => new Listener({ surfaces: [], ready: () => true, tls: { cert: server.cert, key: caller.key } })).toThrow();
    expect(() => new Listener({ surfaces: [], ready: () => true, tls: { cert: "nonsense", key: server.key } })).toThrow();
  });

  it("a renewed certificate is shown to whoever connects from then on, and open connections stay", async () => {
    const { port, listener } = await start();
    const socket = await shake(port, {});
    const next = makeCertificate({ name: "next" });
    listener.renewTls(next);
    await expect(askHttp1(port)).rejects.toThrow();
    expect(await askHttp1(port, { ca: next.cert })).toBe(200);
    socket.end("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("draining closes what is idle and ends handshakes that go on", async () => {
    const { port, listener } = await start({ limits: { headTimeout: 300 } });
    const idle = await shake(port, { ALPNProtocols: ["h2"] });
    const silent = connectTcp(port, "127.0.0.1").on("error", () => {});
    await once(silent, "connect");
    idle.on("error", () => {}).resume();
    const gone = once(idle, "close");
    silent.resume();
    await listener.drain(2_000);
    await gone;
  });
});

describe("a client certificate", () => {
  const mutual = { tls: { ...server, clientCa: authority.cert } };

  it("of a configured authority is a credential: its DER in base64, over either version", async () => {
    const { port, heads } = await start(mutual);
    expect([await askHttp1(port, caller), await askHttp2(port, caller)]).toEqual([200, 200]);
    const value = new X509Certificate(caller.cert).raw.toString("base64");
    expect(heads.map(({ credentials }) => credentials)).toEqual([[{ source: "certificate", value }], [{ source: "certificate", value }]]);
  });

  it("may be missing", async () => {
    const { port, heads } = await start(mutual);
    expect([await askHttp1(port), await askHttp2(port)]).toEqual([200, 200]);
    expect(heads.map(({ credentials }) => credentials)).toEqual([[], []]);
  });

  it("of anybody else is refused, never ignored", async () => {
    const { port, heads } = await start(mutual);
    await expect(askHttp1(port, stranger)).rejects.toThrow();
    await expect(askHttp2(port, stranger)).rejects.toThrow();
    expect(heads).toHaveLength(0);
  });

  it("is not asked for where no authority is configured", async () => {
    const { port, heads } = await start();
    expect(await askHttp1(port, caller)).toBe(200);
    expect(heads[0]?.credentials).toEqual([]);
  });

  it("stays one when the session of TLS is resumed", async () => {
    const { port, heads } = await start(mutual);
    const first = await shake(port, { ...caller, maxVersion: "TLSv1.2" });
    const session = first.getSession();
    first.destroy();
    expect(await askHttp1(port, { ...caller, maxVersion: "TLSv1.2", ...(session === undefined ? {} : { session }) })).toBe(200);
    expect(heads[0]?.credentials).toHaveLength(1);
  });
});
