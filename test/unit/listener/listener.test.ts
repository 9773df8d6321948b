import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Upstreams } from "../../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../../src/connections/index.ts";
import { Listener } from "../../../src/listener/index.ts";
import { type OpenaiGateway, startOpenaiGateway } from "../../support/openai-gateway.ts";
import { chatStream, chunkOf, ScriptedUpstream } from "../../support/upstream.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const start = async (): Promise<{ upstream: ScriptedUpstream; gateway: OpenaiGateway }> => {
  const upstream = await ScriptedUpstream.start();
  const gateway = await startOpenaiGateway({ connections: [upstream.connection()] });
  closing.push(gateway.close, () => upstream.close());
  return { upstream, gateway };
};

const stream = (gateway: OpenaiGateway): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"model":"m","stream":true,"messages":[]}',
  });

describe("the listener", () => {
  it("says that it lives, and whether it is ready", async () => {
    let ready = false;
    const listener = new Listener({ surfaces: [], ready: () => ready });
    const port = await listener.listen(0, "127.0.0.1");
    closing.push(() => listener.drain(0));
    const status = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await status("/healthz"), await status("/readyz")]).toEqual([200, 503]);
    ready = true;
    expect(await status("/readyz")).toBe(200);
  });

  it("says in plain words that its port is taken", async () => {
    const { gateway } = await start();
    const second = new Listener({ surfaces: [], ready: () => true });
    await expect(second.listen(gateway.port, "127.0.0.1")).rejects.toThrow(`127.0.0.1:${gateway.port} is already in use`);
  });

  it("lets open streams finish while it drains, and takes nothing new", async () => {
    const { upstream, gateway } = await start();
    const [role = "", ...rest] = chatStream(["hello"]);
    let finish = (): void => {};
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(role);
      finish = () => response.end(rest.join(""));
    };
    const response = await stream(gateway);
    const drained = gateway.listener.drain(10_000);
    await expect(fetch(`${gateway.url}/readyz`)).rejects.toThrow();
    finish();
    expect(await response.text()).toBe([role, ...rest].join(""));
    await drained;
  });

  it("cuts what does not finish in time", async () => {
    const { upstream, gateway } = await start();
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "a" }));
    };
    const response = await stream(gateway);
    await gateway.listener.drain(50);
    await expect(response.text()).rejects.toThrow();
    await upstream.calls.at(-1)?.closed;
  });

  it("refuses new requests on open connections while it drains", async () => {
    const { upstream, gateway } = await start();
    let finish = (): void => {};
    upstream.script = (_call, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunkOf({ content: "a" }));
      finish = () => response.end("data: [DONE]\n\n");
    };
    const body = '{"model":"m","stream":true,"messages":[]}';
    const request = `POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let text = "";
    const socket = connect(gateway.port, "127.0.0.1").on("data", (chunk) => {
      text += String(chunk);
    });
    socket.write(request);
    await expect.poll(() => text).toContain("200 OK");
    const drained = gateway.listener.drain(5_000);
    socket.write(request);
    finish();
    await expect.poll(() => text).toContain('"code":"shutting_down"');
    expect(upstream.calls).toHaveLength(1);
    socket.destroy();
    await drained;
  });
});

describe("dialling", () => {
  it("never touches an address that egress forbids, by name or by number", async () => {
    const upstream = await ScriptedUpstream.start();
    closing.push(() => upstream.close());
    const asked: string[] = [];
    const upstreams = new Upstreams({
      network: networkOf((address) => {
        asked.push(address);
        return false;
      }),
    });
    closing.push(() => upstreams.close());
    const request = { method: "GET", path: "/models", headers: [], body: undefined, leaving: { left: false, onLeave: () => {} } };
    for (const host of ["127.0.0.1", "localhost"]) {
      const connection = upstream.connection({ name: host, upstream: `http://${host}:${upstream.port}/v1` });
      await expect(upstreams.send(connection, request)).rejects.toMatchObject({ reason: "upstream_unavailable" });
    }
    expect(asked).toContain("127.0.0.1");
    expect(upstream.connections).toBe(0);
  });
});
