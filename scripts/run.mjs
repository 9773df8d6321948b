/**
 * Runs a built program in this very process, so that signals reach it directly and nothing stands between it and npm.
 * Usage: node scripts/run.mjs PROGRAM [ARGUMENTS]
 */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Milliseconds between looks at who our parent is. */
const lookMs = 500;

const [, , program = "", ...args] = process.argv;
process.argv = [process.argv[0] ?? "node", resolve(program), ...args];

// npm killed outright, or a shell between us that died of a signal it did not pass on, would leave us running for nobody.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, lookMs);
  watch.unref();
}

await import(pathToFileURL(resolve(program)).href);
