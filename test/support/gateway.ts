/** A whole gateway in this process, on free ports, from the text of a configuration: what a test or another program talks to as a caller would. */

import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, parseConfig } from "../../src/config/index.ts";
import type { TlsOptions } from "../../src/listener/index.ts";
import { startGateway } from "../../src/main.ts";
import type { DatabaseParts } from "../../src/store/index.ts";
import { createLog, type Log } from "../../src/telemetry/index.ts";

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly adminUrl: string;
  /** The data folder, which holds the journal (and the database, where it is the embedded one). */
  readonly dataDir: string;
  /** Ends the gateway at once; its folder stays to be looked at. */
  stop(): Promise<void>;
  /** Ends the gateway at once and removes its folder. */
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  /** Everything but listeners, database, data folder and encryption key. */
  readonly configuration: string;
  /** Where the references of the configuration lead. */
  readonly env: Environment;
  /** A database of the test's own; absent: the gateway starts an embedded one. */
  readonly database?: DatabaseParts;
  /** What the port shows over TLS, texts in PEM; absent: it speaks in clear text. */
  readonly tls?: TlsOptions;
  /** Absent: nothing is logged. */
  readonly log?: Log;
  /** 32 bytes in base64, the same in all replicas of one gateway; absent: a random one. */
  readonly encryptionKey?: string;
}

/** A database as a URL. */
export const urlOf = ({ host, user, password, database }: DatabaseParts): string =>
  `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}/${database}`;

const tlsFields = ({ clientCa }: TlsOptions): string =>
  `, tls: { cert: "\${env:WEIR_TEST_CERT}", key: "\${env:WEIR_TEST_KEY}"${clientCa === undefined ? "" : ', clientCa: "${env:WEIR_TEST_CLIENT_CA}"'} }`;

const frame = (database: "embedded" | "${env:WEIR_TEST_DATABASE}", tls: TlsOptions | undefined): string => `
listen: { address: 127.0.0.1, port: 0${tls === undefined ? "" : tlsFields(tls)} }
admin: { address: 127.0.0.1, port: 0 }
database: ${database}
dataDir: data
encryptionKey: \${env:WEIR_TEST_ENCRYPTION_KEY}
`;

/** Starts a gateway; every file of it lies in a temporary folder. */
export const startTestGateway = async ({
  configuration,
  env,
  database,
  tls,
  log = createLog({ level: "silent" }),
  encryptionKey = randomBytes(32).toString("base64"),
}: TestGatewayOptions): Promise<TestGateway> => {
  const folder = await mkdtemp(join(tmpdir(), "weir-gateway-"));
  await chmod(folder, 0o755); // as root, the embedded database runs under another user and must be able to pass
  const text = frame(database === undefined ? "embedded" : "${env:WEIR_TEST_DATABASE}", tls) + configuration;
  const loaded = parseConfig(text, join(folder, "weir.yaml"), {
    env: {
      ...env,
      WEIR_TEST_ENCRYPTION_KEY: encryptionKey,
      WEIR_TEST_DATABASE: database === undefined ? undefined : urlOf(database),
      WEIR_TEST_CERT: tls?.cert,
      WEIR_TEST_KEY: tls?.key,
      WEIR_TEST_CLIENT_CA: tls?.clientCa,
    },
  });
  const gateway = await startGateway(loaded, { log });
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${gateway.port}`,
    port: gateway.port,
    adminUrl: `http://127.0.0.1:${gateway.adminPort}`,
    dataDir: loaded.config.dataDir,
    stop: () => gateway.close(0),
    close: async () => {
      await gateway.close(0);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
