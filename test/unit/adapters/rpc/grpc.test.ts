/** gRPC through the surface, between a real client and a real server: whatever one says reaches the other. */

import { connect } from "node:http2";
import { Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { frameOf } from "../../../../adapters/rpc/wire/frame.ts";
import { type EchoServer, echoClient, echoes, readToEnd, startEchoServer } from "../../../support/grpc-echo.ts";
import { type RpcGateway, startRpcGateway } from "../../../support/rpc-gateway.ts";

let server: EchoServer;
let gateway: RpcGateway;
let client: ReturnType<typeof echoClient>;

beforeAll(async () => {
  server = await startEchoServer();
  gateway = await startRpcGateway({ connections: [server.connection()] });
  client = echoClient(gateway.port);
});

beforeEach(() => {
  server.handlers = echoes;
});

afterAll(async () => {
  client.close();
  await gateway.close();
  server.close();
});

describe("gRPC without descriptors", () => {
  it("carries a unary call", async () => {
    expect(await client.unary("hello")).toMatchObject({ messages: ["hello"], code: status.OK });
  });

  it("carries an empty message", async () => {
    expect(await client.unary("")).toMatchObject({ messages: [""], code: status.OK });
  });

  it("carries a message of a few MiB", async () => {
    const large = "x".repeat(3 * 1024 * 1024);
    const { messages, code } = await client.unary(large);
    expect([messages[0]?.length, code]).toEqual([large.length, status.OK]);
  });

  it("carries a stream of answers", async () => {
    const call = client.open("serverStream");
    const answer = readToEnd(call);
    call.end(Buffer.from("again"));
    expect(await answer).toMatchObject({ messages: ["again", "again", "again"], code: status.OK });
  });

  it("carries a stream of requests", async () => {
    const call = client.open("clientStream");
    const answer = readToEnd(call);
    for (const part of ["a", "b", "c"]) call.write(Buffer.from(part));
    call.end();
    expect(await answer).toMatchObject({ messages: ["abc"], code: status.OK });
  });

  it("carries both at once, each message before the next is sent", async () => {
    const call = client.open("bidi");
    const seen: string[] = [];
    const done = readToEnd(call);
    for (const part of ["one", "two", "three"]) {
      const echoed = new Promise<void>((resolve) => call.once("data", () => resolve()));
      call.write(Buffer.from(part));
      await echoed;
      seen.push(part);
    }
    call.end();
    expect(await done).toMatchObject({ messages: seen, code: status.OK });
  });

  it("lets the answer begin before the first message of the request", async () => {
    server.handlers = {
      ...echoes,
      bidi: (call) => {
        call.sendMetadata(new Metadata());
        echoes.bidi(call);
      },
    };
    const call = client.open("bidi");
    const done = readToEnd(call);
    await new Promise<void>((resolve) => call.once("metadata", () => resolve()));
    call.end(Buffer.from("now"));
    expect(await done).toMatchObject({ messages: ["now"], code: status.OK });
  });
});

describe("metadata", () => {
  it("goes both ways, repeated and binary values among it", async () => {
    let asked: Metadata | undefined;
    server.handlers = {
      ...echoes,
      unary: (call, callback) => {
        asked = call.metadata;
        const head = new Metadata();
        head.add("x-head", "1");
        head.add("x-head", "2");
        head.add("x-head-bin", Buffer.from([0, 255, 1]));
        call.sendMetadata(head);
        const trailers = new Metadata();
        trailers.add("x-tail", "a");
        trailers.add("x-tail", "b");
        trailers.add("x-tail-bin", Buffer.from([9, 128]));
        callback(null, call.request, trailers);
      },
    };
    const metadata = new Metadata();
    metadata.add("x-ask", "q");
    metadata.add("x-ask", "r");
    metadata.add("x-ask-bin", Buffer.from([7, 200]));
    const answer = await client.unary("hi", metadata);
    expect(asked?.get("x-ask").join()).toBe("q, r");
    expect(asked?.get("x-ask-bin")).toEqual([Buffer.from([7, 200])]);
    expect(answer.metadata?.get("x-head").join()).toBe("1, 2");
    expect(answer.metadata?.get("x-head-bin")).toEqual([Buffer.from([0, 255, 1])]);
    expect(answer.trailers.get("x-tail").join()).toBe("a, b");
    expect(answer.trailers.get("x-tail-bin")).toEqual([Buffer.from([9, 128])]);
  });

  it("tells the upstream nothing of who the caller is, and the caller its session", async () => {
    let asked: Metadata | undefined;
    server.handlers = {
      ...echoes,
      unary: (call, callback) => {
        asked = call.metadata;
        const head = new Metadata();
        head.set("weir-secret", "no");
        call.sendMetadata(head);
        callback(null, call.request);
      },
    };
    const metadata = new Metadata();
    for (const name of ["authorization", "x-api-key", "api-key", "cookie", "weir-connection", "x-forwarded-for", "forwarded"])
      metadata.set(name, "me");
    const answer = await client.unary("hi", metadata);
    const names = Object.keys(asked?.getMap() ?? {});
    expect(names.filter((name) => metadata.get(name).length > 0)).toEqual([]);
    expect(answer.metadata?.get("weir-session")).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(answer.metadata?.get("weir-secret")).toEqual([]);
  });

  it("bears the connection's own credential", async () => {
    const own = await startRpcGateway({
      connections: [server.connection({ name: "own", credential: { header: "Authorization", value: "Bearer ours" } })],
    });
    const mine = echoClient(own.port);
    let asked: Metadata | undefined;
    server.handlers = {
      ...echoes,
      unary: (call, callback) => {
        asked = call.metadata;
        callback(null, call.request);
      },
    };
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer mine");
    await mine.unary("hi", metadata);
    expect(asked?.get("authorization")).toEqual(["Bearer ours"]);
    mine.close();
    await own.close();
  });
});

describe("status", () => {
  it("comes as the upstream gave it, with its message and details", async () => {
    server.handlers = {
      ...echoes,
      unary: (_call, callback) => {
        const metadata = new Metadata();
        metadata.set("grpc-status-details-bin", Buffer.from([8, 5, 18, 1, 120]));
        callback({ code: status.NOT_FOUND, details: "no ünit 100%", metadata });
      },
    };
    const answer = await client.unary("hi");
    expect([answer.code, answer.details]).toEqual([status.NOT_FOUND, "no ünit 100%"]);
    expect(answer.trailers.get("grpc-status-details-bin")).toEqual([Buffer.from([8, 5, 18, 1, 120])]);
  });

  it("comes behind the messages that were sent before it", async () => {
    server.handlers = {
      ...echoes,
      serverStream: (call) => {
        call.write(call.request);
        call.emit("error", { code: status.ABORTED, details: "stop" });
      },
    };
    const call = client.open("serverStream");
    const answer = readToEnd(call);
    call.end(Buffer.from("one"));
    expect(await answer).toMatchObject({ messages: ["one"], code: status.ABORTED, details: "stop" });
  });

  it("is unimplemented for a path that names no method", async () => {
    const call = client.client.makeBidiStreamRequest(
      "/nothing",
      (b: Buffer) => b,
      (b) => b,
    );
    const answer = readToEnd(call as never);
    call.end();
    expect(await answer).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it("is unavailable where nobody listens", async () => {
    const gone = await startRpcGateway({ connections: [server.connection({ name: "gone", upstream: "http://127.0.0.1:1" })] });
    const mine = echoClient(gone.port);
    expect(await mine.unary("hi")).toMatchObject({ code: status.UNAVAILABLE });
    mine.close();
    await gone.close();
  });
});

describe("the end of a call", () => {
  it("by the caller ends it upstream", async () => {
    const cancelled = new Promise<void>((resolve) => {
      server.handlers = {
        ...echoes,
        bidi: (call) => {
          call.on("cancelled", () => resolve());
          echoes.bidi(call);
        },
      };
    });
    const call = client.open("bidi");
    const done = readToEnd(call);
    call.write(Buffer.from("one"));
    await new Promise<void>((resolve) => call.once("data", () => resolve()));
    call.cancel();
    await cancelled;
    expect((await done).code).toBe(status.CANCELLED);
  });

  it("by its deadline is the upstream's to know of, and the caller's", async () => {
    let seen: Date | number | undefined;
    const cancelled = new Promise<void>((resolve) => {
      server.handlers = {
        ...echoes,
        unary: (call) => {
          seen = call.getDeadline();
          call.on("cancelled", () => resolve());
        },
      };
    });
    const deadline = Date.now() + 300;
    const answer = await client.unary("hi", new Metadata(), { deadline });
    await cancelled;
    expect(answer.code).toBe(status.DEADLINE_EXCEEDED);
    expect(Number(seen)).toBeLessThanOrEqual(deadline + 50);
  });

  it("by the server before the request is over leaves the caller with the answer", async () => {
    server.handlers = { ...echoes, clientStream: (_call, callback) => callback(null, Buffer.from("enough")) };
    const call = client.open("clientStream");
    const answer = readToEnd(call);
    call.write(Buffer.from("a"));
    expect(await answer).toMatchObject({ messages: ["enough"], code: status.OK });
  });
});

describe("backpressure", () => {
  it("reaches the upstream from a caller that does not read", async () => {
    const piece = Buffer.alloc(64 * 1024);
    let written = 0;
    let progressed = (): void => {};
    server.handlers = {
      ...echoes,
      serverStream: (call) => {
        const write = (): void => {
          for (let room = true; room; written++) room = call.write(piece);
          progressed();
          call.once("drain", write);
        };
        write();
      },
    };
    const session = connect(`http://127.0.0.1:${gateway.port}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/test.Echo/ServerStream",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    stream.end(frameOf(0, Buffer.from("go")).wire);
    await new Promise((resolve) => stream.once("response", resolve));
    await new Promise<void>((resolve) => {
      let quiet = setTimeout(resolve, 300);
      progressed = () => {
        clearTimeout(quiet);
        quiet = setTimeout(resolve, 300);
        expect(written * piece.length).toBeLessThan(8 * 1024 * 1024);
      };
    });
    session.destroy();
  });
});
