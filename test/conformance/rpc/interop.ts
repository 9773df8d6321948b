/**
 * Runs the interop client of grpc-go against its interop server, directly and through Weir, in clear text and over TLS, and fails where a case fails through
 * Weir that passes directly.
 *
 *     .ci/programs/build FOLDER
 *     npx tsx test/conformance/rpc/interop.ts FOLDER
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../support/certificate.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

/** Every case that needs no cloud's credentials (grpc/grpc `doc/interop-test-descriptions.md`); the server of grpc-go does not pass `pick_first_unary`. */
const cases = [
  ...["empty_unary", "large_unary", "client_streaming", "server_streaming", "ping_pong", "empty_stream"],
  ...[
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
  ],
  ...["custom_metadata", "unimplemented_method", "unimplemented_service", "pick_first_unary", "orca_per_rpc", "orca_oob"],
  ...["rpc_soak", "channel_soak"],
];

/** The client hears of load reports only by a balancer that asks for them. */
const balancer = ["-service_config_json", '{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}'];

/** Milliseconds that a case may take. */
const patience = 30_000;

const [programs] = process.argv.slice(2);
if (programs === undefined) throw new Error("usage: interop.ts FOLDER");

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === "object" ? bound.port : 0));
    });
  });

/** Resolves once something listens on a port. */
const listening = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", () => setTimeout(() => resolve(listening(port)), 50));
  });

const startServer = async (): Promise<{ readonly port: number; readonly process: ChildProcess }> => {
  const port = await freePort();
  const child = spawn(join(programs, "server"), ["-port", String(port)], { stdio: "ignore" });
  await listening(port);
  return { port, process: child };
};

const configuration = (port: number): string => `
egress: { allow: [127.0.0.0/8] }
connections:
  - name: interop
    protocol: grpc
    upstream: http://127.0.0.1:${port}
    route: { services: [grpc.testing.TestService, grpc.testing.UnimplementedService, xds.service.orca.v3.OpenRcaService] }
    anonymous: true
policies:
  - name: interop
    match: { identities: [anonymous], connections: [interop] }
    effect: allow
`;

interface Outcome {
  readonly passed: boolean;
  readonly said: string;
}

const runCase = (name: string, port: number, options: readonly string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const args = [
      "-test_case",
      name,
      "-server_host",
      "127.0.0.1",
      "-server_port",
      String(port),
      ...options,
      ...(name.startsWith("orca_") ? balancer : []),
    ];
    const child = spawn(join(programs, "client"), args, { stdio: ["ignore", "ignore", "pipe"], timeout: patience });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve({ passed: code === 0, said }));
  });

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Cases about time fail now and then where many programs share a machine; one that fails twice fails. */
const attempt = async (name: string, port: number, options: readonly string[]): Promise<Outcome> => {
  const first = await runCase(name, port, options);
  return first.passed ? first : runCase(name, port, options);
};

/** Runs every case; resolves with how many passed directly and how many of those failed through Weir. */
const compare = async (direct: number, gateway: TestGateway, options: readonly string[]): Promise<{ passed: number; worse: number }> => {
  let passed = 0;
  let worse = 0;
  for (const name of cases) {
    if (!(await attempt(name, direct, [])).passed) {
      print(`${name} does not pass directly`);
      continue;
    }
    passed += 1;
    const through = await attempt(name, gateway.port, options);
    if (through.passed) continue;
    worse += 1;
    print(`${name} fails through Weir (${gateway.url}): ${through.said.trim()}`);
  }
  return { passed, worse };
};

const folder = await mkdtemp(join(tmpdir(), "weir-interop-"));
const certificate = makeCertificate({ name: "localhost" });
const authority = join(folder, "ca.pem");
await writeFile(authority, certificate.cert);
const server = await startServer();
const summaries: string[] = [];
try {
  for (const tls of [undefined, certificate]) {
    const gateway = await startTestGateway({ configuration: configuration(server.port), env: {}, ...(tls === undefined ? {} : { tls }) });
    const options = tls === undefined ? [] : ["-use_tls", "-use_test_ca", "-ca_file", authority];
    const { passed, worse } = await compare(server.port, gateway, options);
    await gateway.close();
    summaries.push(
      `${tls === undefined ? "clear text" : "TLS"}: ${passed} of ${cases.length} cases pass directly, ${passed - worse} of them through Weir`,
    );
    if (worse > 0 || passed === 0) process.exitCode = 1;
  }
} finally {
  server.process.kill();
  await rm(folder, { recursive: true });
}
print(summaries.join("; "));
