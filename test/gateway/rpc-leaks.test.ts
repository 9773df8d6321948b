/** The leak matrix of RPC: every protocol, codec and coding, a secret cut at every byte of the wire and at every character over messages, through a whole gateway. */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { create, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Frame, FrameReader, frameOf } from "../../adapters/rpc/wire/frame.ts";
import { echoFile, type Text, text, textSchema } from "../support/connect-echo.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type BareCaller, bareCaller, type ScriptedRpc, startScriptedRpc, type WholeAnswer } from "../support/scripted-rpc.ts";

/** Made up, in the forms of a card number, an e-mail address, an AWS key and a GitHub token. */
const secrets = [
  "4111 1111 1111 1111",
  "carol.danvers@qzvkwj.example",
  "AKIAQ3EGRIJ5KZT7XW2M",
  "ghp_012345678901234567890123456789AbCdEf",
] as const;
const [, email] = secrets;
const harmless = "the quick brown fox, over 12 lazy dogs — ünï";

/** Long enough to mean something, short enough to catch a leaked head or tail. */
const leaked = (seen: string, secret: string): string[] =>
  [secret.slice(0, 12), secret.slice(-12)].filter((needle) => seen.includes(needle));

type Codec = "proto" | "json";

/** One way of putting messages on the wire. */
interface Wire {
  readonly name: string;
  readonly contentType: string;
  readonly codec: Codec;
  readonly method: "Unary" | "ServerStream";
  readonly framed: boolean;
  readonly text: boolean;
  /** The header that names the coding of messages. */
  readonly coding: string;
  /** What ends an answer that went well. */
  readonly last: Buffer | undefined;
  readonly trailers: Record<string, string> | undefined;
}

const grpcOk = { "grpc-status": "0" };
const webOk = frameOf(0x80, Buffer.from("grpc-status: 0\r\n")).wire;
const connectOk = frameOf(0x02, Buffer.from("{}")).wire;

const wires: readonly Wire[] = (["proto", "json"] as const).flatMap((codec) => [
  ...(["Unary", "ServerStream"] as const).map((method) => ({
    name: `gRPC ${method} ${codec}`,
    contentType: `application/grpc+${codec}`,
    codec,
    method,
    framed: true,
    text: false,
    coding: "grpc-encoding",
    last: undefined,
    trailers: grpcOk,
  })),
  ...[false, true].map((isText) => ({
    name: `gRPC-Web${isText ? " text" : ""} ${codec}`,
    contentType: `application/grpc-web${isText ? "-text" : ""}+${codec}`,
    codec,
    method: "ServerStream" as const,
    framed: true,
    text: isText,
    coding: "grpc-encoding",
    last: webOk,
    trailers: undefined,
  })),
  {
    name: `Connect stream ${codec}`,
    contentType: `application/connect+${codec}`,
    codec,
    method: "ServerStream",
    framed: true,
    text: false,
    coding: "connect-content-encoding",
    last: connectOk,
    trailers: undefined,
  },
  {
    name: `Connect unary ${codec}`,
    contentType: `application/${codec}`,
    codec,
    method: "Unary",
    framed: false,
    text: false,
    coding: "content-encoding",
    last: undefined,
    trailers: undefined,
  },
]);

const encode = (value: string, codec: Codec): Buffer =>
  codec === "proto" ? Buffer.from(toBinary(textSchema, text(value))) : Buffer.from(toJsonString(textSchema, text(value)));

const decode = (bytes: Buffer, codec: Codec): string =>
  ((codec === "proto" ? fromBinary(textSchema, bytes) : fromJsonString(textSchema, bytes.toString("utf8"))) as Text).text;

const bodyOf = (wire: Wire, values: readonly string[], gzip: boolean): Buffer => {
  const bytes = values.map((value) => {
    const message = gzip ? gzipSync(encode(value, wire.codec)) : encode(value, wire.codec);
    return wire.framed ? frameOf(gzip ? 1 : 0, message).wire : message;
  });
  const body = Buffer.concat(wire.last === undefined ? bytes : [...bytes, wire.last]);
  return wire.text ? Buffer.from(body.toString("base64")) : body;
};

const untext = (body: Buffer): Buffer =>
  Buffer.concat((body.toString("latin1").match(/[^=]+={0,2}/g) ?? []).map((run) => Buffer.from(run, "base64")));

/** The texts of an answer, inflated. */
const textsOf = (wire: Wire, { body, fields }: WholeAnswer): string[] => {
  if (!wire.framed) return [decode(fields[fields.indexOf("content-encoding") + 1] === "gzip" ? gunzipSync(body) : body, wire.codec)];
  const frames: Frame[] = [];
  const reader = new FrameReader({ messageBytes: 1 << 20, tooLarge: () => new Error("too large") });
  reader.push(wire.text ? untext(body) : body, (frame) => frames.push(frame));
  return frames
    .filter(({ flags }) => (flags & ~1) === 0)
    .map(({ flags, payload }) => decode(flags === 1 ? gunzipSync(payload) : payload, wire.codec));
};

const key = `weir_${randomBytes(32).toString("hex")}`;
let folder: string;
let upstream: ScriptedRpc;
let database: TestDatabase;
let gateway: TestGateway;
let caller: BareCaller;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-rpc-leaks-"));
  const descriptors = join(folder, "echo.binpb");
  await writeFile(descriptors, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
  upstream = await startScriptedRpc();
  database = await cloneDatabase(inject("postgres"));
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: echo, protocol: connect, http: "2", upstream: "http://127.0.0.1:${upstream.port}", descriptors: { file: ${JSON.stringify(descriptors)} } }
  - name: joined
    protocol: connect
    http: "2"
    upstream: "http://127.0.0.1:${upstream.port}"
    descriptors: { file: ${JSON.stringify(descriptors)}, join: [test.Text.text] }
policies:
  - name: testers
    match: { groups: [testers], connections: [echo, joined] }
    effect: allow
    mask: { request: [all], response: [all] }
`,
    env: { TEST_KEY: key },
  });
  caller = bareCaller(gateway.port);
});

afterAll(async () => {
  caller.close();
  await gateway.close();
  await database.drop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const ask = (wire: Wire, connection = "echo", value = "hi"): Promise<WholeAnswer> => {
  const message = encode(value, wire.codec);
  const framed = wire.framed ? frameOf(0, message).wire : message;
  const headers = { ":path": `/test.Echo/${wire.method}`, "content-type": wire.contentType, "weir-connection": connection };
  return caller.call({ ...headers, authorization: `Bearer ${key}` }, wire.text ? Buffer.from(framed.toString("base64")) : framed);
};

const answerWith = (wire: Wire, body: readonly Buffer[], gzip: boolean, more: Record<string, string> = {}): void => {
  upstream.answer = {
    headers: { ":status": 200, "content-type": wire.contentType, ...(gzip ? { [wire.coding]: "gzip" } : {}), ...more },
    pieces: body,
    ...(wire.trailers === undefined ? {} : { trailers: wire.trailers }),
  };
};

const everything = (wire: Wire, answer: WholeAnswer): string =>
  [...textsOf(wire, answer), ...answer.fields, answer.body.toString("latin1")].join("\n");

describe.each(wires)("$name", (wire) => {
  it.each([false, true])("shows no secret of a message, written at once (gzip: %s)", async (gzip) => {
    for (const secret of secrets) {
      answerWith(wire, [bodyOf(wire, [`see ${secret} now`], gzip)], gzip);
      const answer = await ask(wire);
      expect(textsOf(wire, answer)).toEqual([expect.stringMatching(/^see .*\[.*\].* now$/)]);
      expect(leaked(everything(wire, answer), secret)).toEqual([]);
    }
  });

  it.each([false, true])("shows no secret, however its bytes are cut (gzip: %s)", async (gzip) => {
    const body = bodyOf(wire, [`see ${email} now`], gzip);
    for (let at = 1; at < body.length; at++) {
      answerWith(wire, [body.subarray(0, at), body.subarray(at)], gzip);
      const answer = await ask(wire);
      expect(textsOf(wire, answer)).toEqual(["see [EMAIL] now"]);
      expect(leaked(everything(wire, answer), email)).toEqual([]);
    }
  });

  it("leaves what holds none as it came, byte for byte", async () => {
    for (const gzip of [false, true]) {
      const body = bodyOf(wire, wire.method === "Unary" ? [harmless] : [harmless, "", harmless], gzip);
      answerWith(wire, [body], gzip, { "x-note": "plain" });
      const answer = await ask(wire);
      expect(wire.text ? untext(answer.body) : answer.body).toEqual(wire.text ? untext(body) : body);
      expect(answer.fields[answer.fields.indexOf("x-note") + 1]).toBe("plain");
    }
  });

  it("shows the upstream no secret of a request", async () => {
    answerWith(wire, [bodyOf(wire, ["fine"], false)], false);
    for (const secret of secrets) {
      await ask(wire, "echo", `see ${secret} now`);
      const { body } = upstream.asked;
      expect(leaked((wire.text ? untext(body) : body).toString("utf8"), secret)).toEqual([]);
    }
  });

  it("shows no secret of its headers", async () => {
    answerWith(wire, [bodyOf(wire, ["fine"], false)], false, {
      "x-note": `see ${email}`,
      "x-note-bin": Buffer.from(`\0${email}`).toString("base64"),
    });
    const answer = await ask(wire);
    expect(answer.fields).toContain("see [EMAIL]");
    expect(answer.fields).not.toContain("x-note-bin");
    expect(leaked(everything(wire, answer), email)).toEqual([]);
  });
});

const streams = wires.filter(({ method }) => method === "ServerStream");

describe.each(streams)("a stream of $name whose field is joined", (wire) => {
  it("shows no secret that is cut over two messages, wherever it is cut", async () => {
    for (let at = 1; at < email.length; at++) {
      answerWith(wire, [bodyOf(wire, [`see ${email.slice(0, at)}`, `${email.slice(at)} now`], false)], false);
      const answer = await ask(wire, "joined");
      expect(textsOf(wire, answer).join("")).toBe("see [EMAIL] now");
      expect(leaked(everything(wire, answer), email)).toEqual([]);
    }
  });

  it("shows no secret that comes one character a message, each in a write of its own", async () => {
    const values = [...`see ${email} now`];
    answerWith(
      wire,
      wire.text
        ? [bodyOf(wire, values, false)]
        : values.map((value) => bodyOf({ ...wire, last: undefined }, [value], false)).concat(wire.last ?? []),
      false,
    );
    const answer = await ask(wire, "joined");
    expect(textsOf(wire, answer).join("")).toBe("see [EMAIL] now");
  });
});

/** `google.rpc.Status` with a detail that holds the text. */
const statusOf = (said: string): string => {
  const any = new BinaryWriter().tag(1, 2).string("type.googleapis.com/test.Text").tag(2, 2).bytes(encode(said, "proto")).finish();
  return Buffer.from(new BinaryWriter().tag(1, 0).int32(3).tag(2, 2).string(said).tag(3, 2).bytes(any).finish()).toString("base64");
};

const decoded = (fields: readonly string[]): string =>
  fields
    .map(
      (value) =>
        `${value}\n${decodeURIComponent(value.replaceAll(/%(?![0-9A-F]{2})/g, "%25"))}\n${Buffer.from(value, "base64").toString("latin1")}`,
    )
    .join("\n");

describe("what an error says", () => {
  it.each(secrets)("shows no secret in gRPC: %s", async (secret) => {
    const wire = wires.find(({ name }) => name === "gRPC Unary proto");
    if (wire === undefined) throw new Error("no such wire");
    const said = {
      "grpc-status": "3",
      "grpc-message": `bad%20${secret}`,
      "grpc-status-details-bin": statusOf(`bad ${secret}`),
      "x-why": secret,
    };
    for (const alone of [false, true]) {
      upstream.answer = alone
        ? { headers: { ":status": 200, "content-type": wire.contentType, ...said }, pieces: [] }
        : { headers: { ":status": 200, "content-type": wire.contentType }, pieces: [bodyOf(wire, ["one"], false)], trailers: said };
      const { fields } = await ask(wire);
      expect(fields[fields.indexOf("grpc-status") + 1]).toBe("3");
      expect(leaked(decoded(fields), secret)).toEqual([]);
    }
  });

  it.each(secrets)("shows no secret in gRPC-Web: %s", async (secret) => {
    const wire = wires.find(({ name }) => name === "gRPC-Web proto");
    if (wire === undefined) throw new Error("no such wire");
    const block = `grpc-status: 3\r\ngrpc-message: bad ${secret}\r\ngrpc-status-details-bin: ${statusOf(`bad ${secret}`)}\r\nx-why: ${secret}\r\n`;
    const body = frameOf(0x80, Buffer.from(block)).wire;
    for (const pieces of [[body], [...body].map((byte) => Buffer.from([byte]))]) {
      upstream.answer = { headers: { ":status": 200, "content-type": wire.contentType }, pieces };
      const answer = await ask(wire);
      const lines = answer.body
        .subarray(5)
        .toString("latin1")
        .split(/\r\n|: /);
      expect(lines).toContain("3");
      expect(leaked(decoded(lines), secret)).toEqual([]);
    }
  });

  it.each(secrets)("shows no secret in Connect: %s", async (secret) => {
    const failure = {
      code: "invalid_argument",
      message: `bad ${secret}`,
      details: [{ type: "test.Text", value: Buffer.from(encode(secret, "proto")).toString("base64"), debug: { text: secret } }],
      other: secret,
    };
    const stream = wires.find(({ name }) => name === "Connect stream json");
    const unary = wires.find(({ name }) => name === "Connect unary json");
    if (stream === undefined || unary === undefined) throw new Error("no such wire");
    const end = frameOf(2, Buffer.from(JSON.stringify({ error: failure, metadata: { "x-why": [secret] }, other: secret }))).wire;
    upstream.answer = { headers: { ":status": 200, "content-type": stream.contentType }, pieces: [end] };
    const streamed = (await ask(stream)).body.toString("utf8");
    expect(streamed).toContain("invalid_argument");
    upstream.answer = {
      headers: { ":status": 400, "content-type": "application/json", "trailer-x-why": secret },
      pieces: [Buffer.from(JSON.stringify(failure))],
    };
    const answer = await ask(unary);
    expect([answer.status, JSON.parse(answer.body.toString("utf8"))]).toMatchObject([400, { code: "invalid_argument" }]);
    expect(leaked(`${streamed}${answer.body.toString("utf8")}${answer.fields.join("\n")}`, secret)).toEqual([]);
  });
});

describe("what nobody can read", () => {
  const grpc = (path: string, contentType: string, body: Buffer, more: Record<string, string> = {}): Promise<WholeAnswer> =>
    caller.call({ ":path": path, "content-type": contentType, "weir-connection": "echo", authorization: `Bearer ${key}`, ...more }, body);
  const message = frameOf(0, encode(email, "proto")).wire;

  it("goes nowhere: a method that no descriptor names, a codec and a coding that are not known", async () => {
    upstream.asked.body = Buffer.alloc(0);
    const unknown = await grpc("/test.Echo/Other", "application/grpc", message);
    const codec = await grpc("/test.Echo/Unary", "application/grpc+thrift", message);
    const coding = await grpc("/test.Echo/Unary", "application/grpc", message, { "grpc-encoding": "zstd" });
    expect([unknown.status, codec.status, coding.fields[coding.fields.indexOf("grpc-status") + 1]]).toEqual([404, 415, "12"]);
    expect(upstream.asked.body).toHaveLength(0);
  });

  it("is stopped on its way back: an answer that is not what descriptors say", async () => {
    const wire = wires.find(({ name }) => name === "gRPC Unary proto");
    if (wire === undefined) throw new Error("no such wire");
    answerWith(wire, [frameOf(0, Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.from(email)])).wire], false);
    const { fields, body } = await ask(wire);
    expect(fields[fields.indexOf("grpc-status") + 1]).toBe("7");
    expect(leaked(body.toString("latin1"), email)).toEqual([]);
  });
});
