import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { restAdapter } from "../../../../adapters/rest/index.ts";
import { Upstreams } from "../../../../adapters/shared/upstream-http.ts";
import { networkOf } from "../../../../src/connections/index.ts";
import { GatewayError } from "../../../../src/envelope/error.ts";
import type { Exchange } from "../../../../src/envelope/exchange.ts";
import { Listener } from "../../../../src/listener/index.ts";
import { plainCore } from "../../../support/plain-core.ts";
import { json, pieces, ScriptedUpstream } from "../../../support/upstream.ts";

/** Longer than a quick decision takes, and shorter than two signs of life. */
const waitedMs = 20_000;

let upstream: ScriptedUpstream;
let upstreams: Upstreams;
let listener: Listener;
let url: string;
/** What a person decides. */
let decision: GatewayError | undefined;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  upstreams = new Upstreams({ network: networkOf(() => true) });
  const core = plainCore({ connections: [upstream.connection({ protocol: "rest", upstream: `http://127.0.0.1:${upstream.port}` })] });
  const serve: typeof core.serve = <Q, A>(exchange: Exchange<Q, A>) => {
    const read = async () => {
      const incoming = await exchange.read();
      exchange.held?.(incoming.message);
      vi.advanceTimersByTime(waitedMs);
      if (decision !== undefined) throw decision;
      return incoming;
    };
    return core.serve({ ...exchange, read });
  };
  listener = new Listener({ surfaces: [restAdapter({ serve, upstreams })], ready: () => true });
  url = `http://127.0.0.1:${await listener.listen(0, "127.0.0.1")}`;
});
afterAll(async () => {
  await listener.drain(0);
  await upstreams.close();
  await upstream.close();
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  decision = undefined;
});
afterEach(() => {
  vi.useRealTimers();
});

const ask = (accept: string, path = "/chat"): Promise<Response> => fetch(url + path, { headers: { accept } });

describe("a call that a person decides on", () => {
  it("keeps a caller of events alive until they come", async () => {
    upstream.script = pieces(["data: 1\n\n"]);
    const got = await ask("text/event-stream");
    expect([got.headers.get("content-type"), await got.text()]).toEqual(["text/event-stream; charset=utf-8", ": waiting\n\ndata: 1\n\n"]);
    expect(await (await ask("*/*")).text()).toBe("data: 1\n\n");
  });

  it("tells a denial where the caller waits", async () => {
    decision = new GatewayError("approval_denied");
    expect(await (await ask("text/event-stream")).text()).toMatch(
      /^: waiting\n\nevent: error\ndata: \{.*"code":"approval_denied".*\}\n\n$/,
    );
    const plain = await ask("application/json");
    expect([plain.status, await plain.json()]).toMatchObject([403, { code: "approval_denied" }]);
  });

  it("tells what came instead of events inside them, and never mixes two forms", async () => {
    upstream.script = (_call, response) => {
      response.writeHead(500, { "content-type": "application/json", "content-length": "9" }).end('{"e":"x"}');
    };
    expect(await (await ask("text/event-stream")).text()).toBe(': waiting\n\ndata: {"e":"x"}\n\n');
    upstream.script = json([1, 2]);
    expect(await (await ask("text/event-stream")).text()).toMatch(
      /^: waiting\n\nevent: error\ndata: \{.*"code":"upstream_invalid".*\}\n\n$/,
    );
  });
});
