/**
 * Starts the real Triton (out of nvidia-pytriton) and the real MLServer, a gateway before both, and runs REST clients against them.
 *
 *     npx tsx test/conformance/rest/servers.ts TRITON_PYTHON MLSERVER_PYTHON CLIENT_PYTHON
 *
 * The first Python has nvidia-pytriton, the second mlserver, the third requests, numpy and tritonclient[http].
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startTestGateway } from "../../support/gateway.ts";

const here = dirname(fileURLToPath(import.meta.url));
const tritonServer = join(here, "../../../.ci/upstreams/triton_server.py");

/** Milliseconds that a server has until its model is ready. */
const startMs = 120_000;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === "object" ? bound.port : 0));
    });
  });

const untilReady = async (server: ChildProcess, url: string): Promise<void> => {
  for (const end = Date.now() + startMs; Date.now() < end; await sleep(500)) {
    if (server.exitCode !== null) throw new Error(`the server of ${url} ended`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
  }
  throw new Error(`${url} was not ready in time`);
};

/** Every server started, to be ended whatever happens. */
const running: ChildProcess[] = [];

const start = async (command: string, args: readonly string[], ports: Readonly<Record<string, number>>, ready: string): Promise<void> => {
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const server = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } });
  running.push(server);
  await untilReady(server, ready);
};

/** Starts Triton and gives its address. */
const startTriton = async (python: string): Promise<string> => {
  const [grpc, http, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const url = `http://127.0.0.1:${http}`;
  await start(python, [tritonServer, String(grpc), String(http), String(metrics)], {}, `${url}/v2/models/tell/ready`);
  return url;
};

/** Starts MLServer and gives its address. */
const startMlserver = async (python: string): Promise<string> => {
  const [grpc, http, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const url = `http://127.0.0.1:${http}`;
  const ports = { MLSERVER_HTTP_PORT: http, MLSERVER_GRPC_PORT: grpc, MLSERVER_METRICS_PORT: metrics };
  await start(join(dirname(python), "mlserver"), ["start", join(here, "mlserver")], ports, `${url}/v2/models/say/ready`);
  return url;
};

const configuration = (triton: string, mlserver: string): string => `
egress: { allow: [127.0.0.0/8] }
connections:
  - { name: triton, protocol: rest, upstream: "${triton}", anonymous: true, route: { hosts: [localhost] } }
  - { name: mlserver, protocol: rest, upstream: "${mlserver}", anonymous: true }
policies:
  - name: anyone
    match: { identities: [anonymous] }
    effect: allow
    mask: { response: [pii, credentials] }
`;

const [tritonPython, mlserverPython, clientPython] = process.argv.slice(2);
if (tritonPython === undefined || mlserverPython === undefined || clientPython === undefined) {
  throw new Error("usage: servers.ts TRITON_PYTHON MLSERVER_PYTHON CLIENT_PYTHON");
}

const run = async (): Promise<number> => {
  const [triton, mlserver] = await Promise.all([startTriton(tritonPython), startMlserver(mlserverPython)]);
  const gateway = await startTestGateway({ configuration: configuration(triton, mlserver), env: {} });
  const urls = {
    TRITON_URL: triton,
    TRITON_WEIR_URL: `http://localhost:${gateway.port}`,
    MLSERVER_URL: mlserver,
    MLSERVER_WEIR_URL: `${gateway.url}/mlserver`,
  };
  const clients = spawn(clientPython, [join(here, "servers_client.py")], { stdio: "inherit", env: { ...process.env, ...urls } });
  const [code] = await once(clients, "exit");
  await gateway.close();
  return Number(code ?? 1);
};

try {
  process.exitCode = await run();
} finally {
  for (const server of running) server.kill("SIGINT");
}
