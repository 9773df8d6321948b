/** Runs a client of another language beside a gateway that is in this process. */

import { spawn } from "node:child_process";
import { createServer } from "node:http";

/** What of a gateway a client is told. */
export interface ClientGateway {
  readonly baseUrl: string;
  readonly key: string;
  /** What else its clients are told, as variables of their environment. */
  readonly told?: Readonly<Record<string, string>>;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Answers every request with the number of requests that the gateway has seen. */
const serveCount = (gateway: ClientGateway): Promise<{ readonly url: string; readonly close: () => void }> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => response.end(String(gateway.requests())));
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      resolve({ url: `http://127.0.0.1:${bound !== null && typeof bound === "object" ? bound.port : 0}/`, close: () => server.close() });
    });
  });

const run = (command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...environment } });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });

/** Runs the command that this process was given, with the gateway's addresses and `environment` besides; this process exits as it does. */
export const runClient = async (start: () => Promise<ClientGateway>, environment: Readonly<Record<string, string>>): Promise<void> => {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) throw new Error("usage: with-….ts COMMAND [ARGUMENT...]");
  const gateway = await start();
  const count = await serveCount(gateway);
  try {
    const told = { WEIR_BASE_URL: gateway.baseUrl, WEIR_KEY: gateway.key, WEIR_COUNT_URL: count.url };
    process.exitCode = await run(command, args, { ...told, ...gateway.told, ...environment });
  } finally {
    count.close();
    await gateway.close();
  }
};
