/** Every reason, told over every RPC protocol: its real client reads the code that the table of reasons fixes, with the reason and the session among its details. */

import { BinaryReader } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayError, grpcCodes, type Reason, rulings } from "../../src/envelope/error.ts";
import { type ConnectServer, connectClient, startConnectServer, type Text, text } from "../support/connect-echo.ts";
import { type EchoMessages, loadEchoMessages } from "../support/echo-messages.ts";
import { echoClient } from "../support/grpc-echo.ts";
import { type RpcGateway, startRpcGateway } from "../support/rpc-gateway.ts";

const isReason = (name: string): name is Reason => Object.hasOwn(rulings, name);
const reasons = Object.keys(rulings).filter(isReason);

let server: ConnectServer;
let known: EchoMessages;
/** Stops calls before they begin. */
let refusing: RpcGateway;
/** Stops streams at a message that names the reason. */
let breaking: RpcGateway;
let next: Reason = "internal";

beforeAll(async () => {
  server = await startConnectServer("2");
  known = await loadEchoMessages();
  const connection = await known.describe(server.connection());
  refusing = await startRpcGateway({
    connections: [connection],
    messages: known.messages,
    identities: { identify: () => Promise.reject(new GatewayError(next)) },
  });
  breaking = await startRpcGateway({
    connections: [connection],
    messages: known.messages,
    change: (said) => {
      if (said === "stop") throw new GatewayError(next);
      return said;
    },
  });
  server.handlers = {
    ...server.handlers,
    async *serverStream() {
      yield text("first");
      yield text("stop");
    },
  };
});

afterAll(async () => {
  await refusing.close();
  await breaking.close();
  await server.close();
  await known.close();
});

const choices = (["connect", "grpc-web", "grpc"] as const).flatMap((wire) =>
  (wire === "grpc" ? (["2"] as const) : (["1.1", "2"] as const)).map((http) => ({ wire, http, json: false, gzip: false })),
);

const failure = async (call: () => Promise<unknown>): Promise<ConnectError> => {
  try {
    await call();
  } catch (thrown) {
    return ConnectError.from(thrown);
  }
  throw new Error("the call was not refused");
};

/** `reason` and `domain` of a `google.rpc.ErrorInfo`. */
const infoOf = (bytes: Uint8Array): readonly string[] => {
  const reader = new BinaryReader(bytes);
  const found: string[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field <= 2) found.push(reader.string());
    else reader.skip(wireType);
  }
  return found;
};

const told = ({ code, rawMessage, details }: ConnectError): unknown => {
  const infos = details.flatMap((detail) => ("type" in detail ? [[detail.type, ...infoOf(detail.value)]] : []));
  return { code: Number(code), message: rawMessage, infos };
};

const expected = (reason: Reason): unknown => ({
  code: grpcCodes[rulings[reason].grpc],
  message: rulings[reason].sentence,
  infos: [["google.rpc.ErrorInfo", reason, "weir"]],
});

const drain = async (stream: AsyncIterable<Text>): Promise<string[]> => {
  const seen: string[] = [];
  for await (const { text: said } of stream) seen.push(said);
  return seen;
};

describe.each(choices)("$wire over $http", (choice) => {
  it("tells every reason of a unary call and of a stream that never begins", async () => {
    const client = connectClient(refusing.port, choice);
    for (const reason of reasons) {
      next = reason;
      expect(told(await failure(() => client.unary(text("hi"))))).toEqual(expected(reason));
      expect(told(await failure(() => drain(client.serverStream(text("hi")))))).toEqual(expected(reason));
    }
  });

  it("tells every reason behind the messages that a stream has shown", async () => {
    const client = connectClient(breaking.port, choice);
    for (const reason of reasons) {
      next = reason;
      const seen: string[] = [];
      const error = await failure(async () => {
        for await (const { text: said } of client.serverStream(text("hi"))) seen.push(said);
      });
      expect(seen.filter((said) => said !== "first")).toEqual([]);
      expect(told(error)).toEqual(expected(reason));
    }
  });
});

describe("grpc-js", () => {
  it("reads every reason as a status with details", async () => {
    const client = echoClient(refusing.port);
    for (const reason of reasons) {
      next = reason;
      const { code, details, trailers } = await client.unary("hi");
      expect([code, details]).toEqual([grpcCodes[rulings[reason].grpc], rulings[reason].sentence]);
      const [status] = trailers.get("grpc-status-details-bin");
      expect(Buffer.isBuffer(status) && status.includes(reason)).toBe(true);
      expect(trailers.get("weir-session")).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    }
    client.close();
  });
});
