/**
 * Starts the SDK gateway, runs a command with its addresses in the environment, and exits as the command did.
 *
 *     npx tsx test/conformance/with-gateway.ts python test/conformance/openai_python.py
 */

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { maskedSentence, secret } from "./scripted-model.ts";
import { type SdkGateway, startSdkGateway } from "./sdk-gateway.ts";

/** Answers every request with the number of requests that the gateway has seen. */
const serveCount = (gateway: SdkGateway): Promise<{ readonly url: string; readonly close: () => void }> =>
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

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error("usage: with-gateway.ts COMMAND [ARGUMENT...]");

const gateway = await startSdkGateway();
const count = await serveCount(gateway);
try {
  process.exitCode = await run(command, args, {
    WEIR_BASE_URL: gateway.baseUrl,
    WEIR_KEY: gateway.key,
    WEIR_COUNT_URL: count.url,
    WEIR_SECRET: secret,
    WEIR_MASKED_SENTENCE: maskedSentence,
  });
} finally {
  count.close();
  await gateway.close();
}
