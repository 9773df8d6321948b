/** `npm start`: the gateway with everything it needs, on this machine, for trying it out. */

import { parseArgs } from "node:util";
import { choosePorts } from "./ports.ts";
import { startDevelopment } from "./start.ts";
import { welcome } from "./welcome.ts";

/** npm passes a signal on to a process that has had it from the terminal already; a second one within this time (ms) is the same wish. */
const sameWishMs = 1_000;
const interrupted = 130;

/** Resolves at the first signal to stop; a later, second one ends the process at once. */
const stopWanted = (): Promise<void> =>
  new Promise((resolve) => {
    let first: number | undefined;
    const stop = (): void => {
      first ??= Date.now();
      resolve();
      if (Date.now() - first > sameWishMs) process.exit(interrupted);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  });

const readArguments = () =>
  parseArgs({
    options: {
      port: { type: "string" },
      "admin-port": { type: "string" },
      data: { type: "string", default: ".weir" },
    },
  }).values;

const main = async (): Promise<void> => {
  const stop = stopWanted();
  const { port, "admin-port": adminPort, data } = readArguments();
  console.error("weir: starting ...");
  const running = await startDevelopment({ folder: data, ports: choosePorts({ port, adminPort }, process.env), env: process.env });
  console.log(welcome(running));
  await stop;
  console.error("weir: stopping ...");
  await running.close();
};

try {
  await main();
  process.exit(0);
} catch (thrown) {
  console.error(`weir: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exit(1);
}
