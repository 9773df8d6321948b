/** Connect and gRPC-Web through the surface, between connect-node's clients and its server, over both versions of HTTP. */

import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ConnectClient,
  type ConnectServer,
  type ConnectWire,
  collect,
  connectClient,
  connectEchoes,
  echoService,
  failure,
  startConnectServer,
  type Text,
  type TransportChoice,
  text,
  texts,
} from "../../../support/connect-echo.ts";
import { type RpcGateway, startRpcGateway } from "../../../support/rpc-gateway.ts";

const servers: ConnectServer[] = [];
const gateways = new Map<string, RpcGateway>();

beforeAll(async () => {
  for (const http of ["1.1", "2"] as const) {
    const server = await startConnectServer(http);
    servers.push(server);
    gateways.set(http, await startRpcGateway({ connections: [server.connection()] }));
  }
});

beforeEach(() => {
  for (const server of servers) server.handlers = connectEchoes;
});

afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.close();
  for (const server of servers) await server.close();
});

const clientOf = (upstream: string, choice: TransportChoice): ConnectClient => connectClient(gateways.get(upstream)?.port ?? 0, choice);

const handlers = (changed: Partial<ConnectServer["handlers"]>): void => {
  for (const server of servers) server.handlers = { ...connectEchoes, ...changed };
};

const choices: TransportChoice[] = [];
for (const wire of ["connect", "connect-get", "grpc-web", "grpc"] as const satisfies readonly ConnectWire[])
  for (const http of wire === "grpc" ? (["2"] as const) : (["1.1", "2"] as const))
    for (const json of [false, true]) for (const gzip of [false, true]) choices.push({ wire, http, json, gzip });

const upstreamsOf = ({ wire }: TransportChoice): readonly string[] => (wire === "grpc" ? ["2"] : ["1.1", "2"]);

const cases = choices.flatMap((choice) =>
  upstreamsOf(choice).map((upstream) => ({
    name: `${choice.wire} over ${choice.http} in ${choice.json ? "JSON" : "protobuf"}${choice.gzip ? " with gzip" : ""}, upstream ${upstream}`,
    choice,
    upstream,
  })),
);

const long = "a sentence that is long enough to be compressed, and compressed again ".repeat(20);

describe.each(cases)("$name", ({ choice, upstream }) => {
  it("carries unary calls", async () => {
    const client = clientOf(upstream, choice);
    expect((await client.unary(text("hello"))).text).toBe("hello");
    expect((await client.unary(text(long))).text).toBe(long);
    expect((await client.unary(text(""))).text).toBe("");
  });

  it("carries streams", async () => {
    const client = clientOf(upstream, choice);
    expect(await collect(client.serverStream(text(long)))).toEqual([long, long, long]);
    if (choice.wire === "grpc-web" && choice.http === "1.1") return;
    expect((await client.clientStream(texts("a", "b", "c"))).text).toBe("abc");
    // Connect's server takes streams in both directions over HTTP/2 only.
    if (upstream === "2") expect(await collect(client.bidi(texts("x", "y")))).toEqual(["x", "y"]);
  });

  it("carries metadata and trailers", async () => {
    const asked: (string | null)[] = [];
    handlers({
      unary: (request, context) => {
        asked.push(context.requestHeader.get("x-ask"), context.requestHeader.get("authorization"));
        context.responseHeader.set("x-head", "1");
        context.responseTrailer.set("x-tail", "2");
        return request;
      },
    });
    const seen: (string | null)[] = [];
    await clientOf(upstream, choice).unary(text("hi"), {
      headers: { "x-ask": "q", authorization: "Bearer mine" },
      onHeader: (headers: Headers) => seen.push(headers.get("x-head"), headers.get("set-cookie")),
      onTrailer: (trailers: Headers) => seen.push(trailers.get("x-tail")),
    });
    expect([asked, seen]).toEqual([
      ["q", null],
      ["1", null, "2"],
    ]);
  });

  it("carries errors with their code, message and details", async () => {
    const stop = (): ConnectError =>
      new ConnectError("no ünit", Code.PermissionDenied, { "x-why": "because" }, [{ desc: known, value: { text: "told" } } as never]);
    handlers({
      unary: () => {
        throw stop();
      },
      async *serverStream(request) {
        yield request;
        throw stop();
      },
    });
    const client = clientOf(upstream, choice);
    for (const call of [() => client.unary(text("hi")), () => collect(client.serverStream(text("hi")))]) {
      const error = await failure(call());
      expect([error.code, error.rawMessage, error.metadata.get("x-why")]).toEqual([Code.PermissionDenied, "no ünit", "because"]);
      expect(error.details).toHaveLength(1);
    }
  });
});

const known = echoService.method.unary?.input;

describe.each(["connect", "grpc-web", "grpc"] as const)("%s", (wire) => {
  const choice: TransportChoice = { wire, http: "2", json: false, gzip: false };

  it("lets messages go both ways at once", async () => {
    const client = clientOf("2", choice);
    const asked: string[] = [];
    const heard: (() => void)[] = [];
    async function* asking(): AsyncGenerator<Text> {
      for (const value of ["1", "2", "3"]) {
        asked.push(value);
        const answered = new Promise<void>((resolve) => heard.push(resolve));
        yield text(value);
        await answered;
      }
    }
    const seen: string[] = [];
    for await (const message of client.bidi(asking())) {
      seen.push(message.text);
      expect(asked).toEqual(seen);
      heard.shift()?.();
    }
    expect(seen).toEqual(["1", "2", "3"]);
  });

  it("ends a call upstream when its caller leaves", async () => {
    const left = new Promise<void>((resolve) => {
      handlers({
        async *serverStream(request, context) {
          context.signal.addEventListener("abort", () => resolve());
          for (;;) {
            yield request;
            await new Promise((next) => setTimeout(next, 5));
            if (context.signal.aborted) return;
          }
        },
      });
    });
    const controller = new AbortController();
    const stream = clientOf("2", choice).serverStream(text("hi"), { signal: controller.signal });
    await expect(
      (async () => {
        for await (const { text: said } of stream) if (said === "hi") controller.abort();
      })(),
    ).rejects.toThrow();
    await left;
  });

  it("tells the upstream the deadline, and keeps it", async () => {
    let given: number | undefined;
    handlers({
      unary: async (request, context) => {
        given = context.timeoutMs();
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
        return request;
      },
    });
    const error = await failure(clientOf("2", choice).unary(text("hi"), { timeoutMs: 300 }));
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(given).toBeLessThanOrEqual(300);
  });
});
