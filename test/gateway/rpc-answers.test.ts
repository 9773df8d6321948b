import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { frameOf } from "../../adapters/rpc/wire/frame.ts";
import { echoFile, text, textSchema } from "../support/connect-echo.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { startTestGateway, type TestGateway } from "../support/gateway.ts";
import { type BareCaller, bareCaller, type ScriptedRpc, startScriptedRpc, type WholeAnswer } from "../support/scripted-rpc.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
let folder: string;
let upstream: ScriptedRpc;
let database: TestDatabase;
let gateway: TestGateway;
let caller: BareCaller;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-rpc-answers-"));
  const descriptors = join(folder, "echo.binpb");
  await writeFile(descriptors, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
  upstream = await startScriptedRpc();
  database = await cloneDatabase(inject("postgres"));
  const connection = `protocol: grpc, http: "2", upstream: "http://127.0.0.1:${upstream.port}"`;
  const described = `file: ${JSON.stringify(descriptors)}`;
  gateway = await startTestGateway({
    database: database.address,
    configuration: `
egress: { allow: [127.0.0.0/8] }
identities: [{ name: tester, kind: service, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
  - { name: ruled, ${connection}, descriptors: { ${described}, join: [test.Text.text] } }
  - { name: short, ${connection}, descriptors: { ${described} } }
policies:
  - { name: ruled, match: { groups: [testers], connections: [ruled] }, effect: allow, answers: { deny: ["project zeus"] } }
  - { name: short, match: { groups: [testers], connections: [short] }, effect: allow, limits: { outputTokens: 6 } }
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

const frame = (value: string): Buffer => frameOf(0, Buffer.from(toBinary(textSchema, text(value)))).wire;

const told = async (connection: string, values: readonly string[]): Promise<WholeAnswer> => {
  upstream.answer = {
    headers: { ":status": 200, "content-type": "application/grpc+proto", "x-note": "one two three four five six seven eight nine" },
    pieces: values.map(frame),
    trailers: { "grpc-status": "0" },
  };
  const headers = { ":path": "/test.Echo/ServerStream", "content-type": "application/grpc+proto", "weir-connection": connection };
  return caller.call({ ...headers, authorization: `Bearer ${key}` }, frame("hi"));
};

const permissionDenied = "7";
const statusOf = ({ fields }: WholeAnswer): string | undefined => fields[fields.indexOf("grpc-status") + 1];

describe("a gRPC stream", () => {
  it("ends before what a rule about answers denies, cut over messages", async () => {
    const answer = await told("ruled", ["about pro", "ject ze", "us, then"]);
    expect(statusOf(answer)).toBe(permissionDenied);
    expect(answer.body.toString()).toContain("about ");
    expect(answer.body.toString()).not.toMatch(/pro|ject ze|us, then/);
    expect(answer.fields.join()).not.toMatch(/zeus|ruled/);
  });

  it("ends where an answer has more tokens than allowed, of which headers are none", async () => {
    const short = await told("short", ["one two", " three"]);
    expect(statusOf(short)).toBe("0");
    const long = await told("short", ["one two three", " four five six", " seven", " eight"]);
    expect(statusOf(long)).toBe(permissionDenied);
    expect(long.body.toString()).toContain(" four five six");
    expect(long.body.toString()).not.toContain("seven");
  });
});
