import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { ConfigError, type Loaded, parseConfig } from "../../src/config/index.ts";
import { type Gateway, startGateway } from "../../src/main.ts";
import { createLog } from "../../src/telemetry/index.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { json, ScriptedUpstream } from "../support/upstream.ts";

const key = `weir_${randomBytes(32).toString("hex")}`;
const authority = makeCertificate({ name: "authority", authority: true });
const encryptionKey = randomBytes(32).toString("base64");

let folder: string;
let upstream: ScriptedUpstream;
let database: TestDatabase;
let gateway: Gateway;

/** The configuration with a certificate on disk, and these connections. */
const load = ({ cert, key: privateKey }: Certificate, connections: string, egress = "127.0.0.0/8"): Loaded => {
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), privateKey);
  const { host, user, password, database: name } = database.address;
  const text = `
listen: { address: 127.0.0.1, port: 0, tls: { cert: cert.pem, key: key.pem } }
admin: { address: 127.0.0.1, port: 0 }
database: \${env:TEST_DATABASE}
dataDir: data
encryptionKey: \${env:TEST_ENCRYPTION_KEY}
egress: { allow: [${egress}] }
identities: [{ name: tester, groups: [testers], apiKey: "\${env:TEST_KEY}" }]
connections:
${connections}
policies: [{ name: testers, match: { groups: [testers] }, effect: allow }]
`;
  return parseConfig(text, join(folder, "weir.yaml"), {
    env: {
      TEST_KEY: key,
      TEST_ENCRYPTION_KEY: encryptionKey,
      TEST_DATABASE: `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}/${name}`,
    },
  });
};

const rest = (name: string): string => `  - { name: ${name}, protocol: rest, upstream: "http://127.0.0.1:${upstream.port}" }`;

interface Seen {
  readonly status: number;
  /** The name on the certificate that was shown. */
  readonly shown: string;
}

/** A request over a connection of its own. */
const ask = (path: string): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: gateway.port,
      path,
      ca: authority.cert,
      agent: false,
      headers: { authorization: `Bearer ${key}` },
    };
    const sent = request(options, (response) => {
      const { CN } = (response.socket as TLSSocket).getPeerCertificate().subject;
      response.resume().on("end", () => resolve({ status: response.statusCode ?? 0, shown: String(CN) }));
    });
    sent.on("error", reject).end();
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weir-renewal-"));
  upstream = await ScriptedUpstream.start();
  upstream.script = json({});
  database = await cloneDatabase(inject("postgres"));
  gateway = await startGateway(load(makeCertificate({ name: "first", by: authority }), rest("one")), {
    log: createLog({ level: "silent" }),
  });
});
afterAll(async () => {
  await gateway.close(0);
  await database.drop();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a running gateway with TLS", () => {
  it("shows its certificate", async () => expect(await ask("/one/x")).toEqual({ status: 200, shown: "first" }));

  it("stays as it was when the descriptors of a new configuration cannot be had", async () => {
    const broken = `${rest("two")}\n  - { name: t, protocol: grpc, upstream: "https://127.0.0.1", descriptors: { proto: [none.proto] } }`;
    const next = load(makeCertificate({ name: "never", by: authority }), broken);
    await expect(gateway.reload(next)).rejects.toThrow(ConfigError);
    expect(await ask("/one/x")).toEqual({ status: 200, shown: "first" });
    expect((await ask("/two/x")).status).toBe(404);
  });

  it("shows a renewed one to whoever connects after a reload", async () => {
    await gateway.reload(load(makeCertificate({ name: "second", by: authority }), rest("two")));
    expect(await ask("/two/x")).toEqual({ status: 200, shown: "second" });
    expect((await ask("/one/x")).status).toBe(404);
  });

  it("dials no network that a reload takes away", async () => {
    await gateway.reload(load(makeCertificate({ name: "third", by: authority }), rest("three"), "10.0.0.0/8"));
    expect((await ask("/three/x")).status).toBe(503);
  });
});
