/**
 * Starts a Flask app and a model server, a gateway before both, and runs the clients that compare them.
 *
 *     npx tsx test/conformance/rest/run.ts python
 *
 * The Python given has flask, requests, numpy and tritonclient[http].
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startTestGateway } from "../../support/gateway.ts";

/** Made up; the label is what the `pii` pack puts in its place. */
const secret = "4111 1111 1111 1111";
const label = "[CREDIT_CARD]";

const fileBeside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Server {
  readonly process: ChildProcess;
  readonly port: string;
}

/** Starts a server that prints its port once it listens. */
const startServer = async (python: string, file: string): Promise<Server> => {
  const server = spawn(python, [fileBeside(file)], { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, WEIR_SECRET: secret } });
  const [port] = await once(server.stdout, "data");
  return { process: server, port: String(port).trim() };
};

const configuration = (app: string, models: string): string => `
egress: { allow: [127.0.0.0/8] }
connections:
  - { name: app, protocol: rest, upstream: "http://127.0.0.1:${app}", anonymous: true }
  - { name: media, protocol: rest, upstream: "http://127.0.0.1:${app}", anonymous: true }
  - { name: models, protocol: rest, upstream: "http://127.0.0.1:${models}", anonymous: true, route: { hosts: [localhost] } }
policies:
  - name: anyone
    match: { identities: [anonymous], connections: [app, models] }
    effect: allow
    mask: { request: [pii], response: [pii] }
  - name: watchers
    match: { identities: [anonymous], connections: [media] }
    effect: allow
    mask: { response: [pii], onUnmaskable: pass }
`;

const [python] = process.argv.slice(2);
if (python === undefined) throw new Error("usage: run.ts PYTHON");

const servers = await Promise.all([startServer(python, "flask_app.py"), startServer(python, "model_server.py")]);
const [app, models] = servers;
const gateway = await startTestGateway({ configuration: configuration(app.port, models.port), env: {} });
try {
  const clients = spawn(python, [fileBeside("clients.py")], {
    stdio: "inherit",
    env: {
      ...process.env,
      WEIR_SECRET: secret,
      WEIR_LABEL: label,
      APP_URL: `http://127.0.0.1:${app.port}`,
      APP_WEIR_URL: `${gateway.url}/app`,
      APP_MEDIA_URL: `${gateway.url}/media`,
      MODELS_URL: `http://127.0.0.1:${models.port}`,
      MODELS_WEIR_URL: `http://localhost:${gateway.port}`,
    },
  });
  const [code] = await once(clients, "exit");
  process.exitCode = Number(code ?? 1);
} finally {
  for (const server of servers) server.process.kill();
  await gateway.close();
}
