/** Calls whose messages are read: every text of them reaches the core, what changes is written anew, and the rest arrives as it was. */

import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ConnectClient,
  type ConnectServer,
  type ConnectWire,
  collect,
  connectClient,
  connectEchoes,
  failure,
  startConnectServer,
  type TransportChoice,
  text,
  textSchema,
  texts,
} from "../../../support/connect-echo.ts";
import { type EchoMessages, loadEchoMessages } from "../../../support/echo-messages.ts";
import { type RpcGateway, startRpcGateway } from "../../../support/rpc-gateway.ts";

const servers = new Map<string, ConnectServer>();
const gateways = new Map<string, RpcGateway>();
let known: EchoMessages;

beforeAll(async () => {
  known = await loadEchoMessages();
  for (const http of ["1.1", "2"] as const) {
    const server = await startConnectServer(http);
    servers.set(http, server);
    const connection = await known.describe(server.connection());
    const change = (given: string): string => given.replaceAll("secret", "[MASKED]");
    gateways.set(http, await startRpcGateway({ connections: [connection], messages: known.messages, masked: true, change }));
  }
});

beforeEach(() => {
  for (const server of servers.values()) server.handlers = connectEchoes;
});

afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.close();
  for (const server of servers.values()) await server.close();
  await known.close();
});

const handlers = (changed: Partial<ConnectServer["handlers"]>): void => {
  for (const server of servers.values()) server.handlers = { ...connectEchoes, ...changed };
};

const cases: { name: string; choice: TransportChoice; upstream: string }[] = [];
for (const wire of ["connect", "connect-get", "grpc-web", "grpc"] as const satisfies readonly ConnectWire[])
  for (const http of wire === "grpc" ? (["2"] as const) : (["1.1", "2"] as const))
    for (const json of [false, true])
      for (const gzip of [false, true])
        cases.push({
          name: `${wire} over ${http} in ${json ? "JSON" : "protobuf"}${gzip ? " with gzip" : ""}`,
          choice: { wire, http, json, gzip },
          upstream: http,
        });

const padding = "words that are long enough to be compressed, again and again ".repeat(10);

describe.each(cases)("$name", ({ choice, upstream }) => {
  const client = (): ConnectClient => connectClient(gateways.get(upstream)?.port ?? 0, choice);

  it("masks unary answers and leaves others as they were", async () => {
    expect((await client().unary(text(`a secret ${padding}`))).text).toBe(`a [MASKED] ${padding}`);
    expect((await client().unary(text(padding))).text).toBe(padding);
    expect((await client().unary(text(""))).text).toBe("");
  });

  it("masks every message of a stream", async () => {
    expect(await collect(client().serverStream(text(`secret ${padding}`)))).toEqual([1, 2, 3].map(() => `[MASKED] ${padding}`));
    if (choice.wire === "grpc-web" && choice.http === "1.1") return;
    expect((await client().clientStream(texts("a secret", " b"))).text).toBe("a [MASKED] b");
    if (upstream === "2") expect(await collect(client().bidi(texts("x", "secret", "y")))).toEqual(["x", "[MASKED]", "y"]);
  });

  it("masks headers, trailers, and what an error says", async () => {
    const seen: (string | null)[] = [];
    handlers({
      unary: (request, context) => {
        context.responseHeader.set("x-head", "a secret");
        context.responseTrailer.set("x-tail", "the secret");
        context.responseHeader.set("x-kept-bin", Buffer.from("\0\x01plain").toString("base64"));
        context.responseHeader.set("x-gone-bin", Buffer.from("\x0a\x06secret").toString("base64"));
        return request;
      },
      async *serverStream(request) {
        yield request;
        throw new ConnectError("no sécret or secret", Code.Internal, { "x-why": "secret" }, [
          { desc: textSchema, value: { text: "plain" } } as never,
          { desc: textSchema, value: { text: "a secret" } } as never,
        ]);
      },
    });
    await client().unary(text("hi"), {
      onHeader: (headers: Headers) => seen.push(headers.get("x-head"), headers.get("x-kept-bin"), headers.get("x-gone-bin")),
      onTrailer: (trailers: Headers) => seen.push(trailers.get("x-tail")),
    });
    expect(seen.map((value) => value?.replace(/=+$/, "") ?? null)).toEqual([
      "a [MASKED]",
      Buffer.from("\0\x01plain").toString("base64").replace(/=+$/, ""),
      null,
      "the [MASKED]",
    ]);
    const error = await failure(collect(client().serverStream(text("hi"))));
    expect([error.rawMessage, error.metadata.get("x-why")]).toEqual(["no sécret or [MASKED]", "[MASKED]"]);
    expect(error.details).toHaveLength(1);
  });

  it("masks errors of unary calls", async () => {
    handlers({
      unary: () => {
        throw new ConnectError("a secret", Code.NotFound, { "x-why": "secret" });
      },
    });
    const error = await failure(client().unary(text("hi")));
    expect([error.code, error.rawMessage, error.metadata.get("x-why")]).toEqual([Code.NotFound, "a [MASKED]", "[MASKED]"]);
  });
});
