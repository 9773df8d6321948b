/**
 * Measures Weir beside its peers in one interleaved run and writes the report.
 *
 *     npm run build && npx tsx bench/gateway/run.ts --harness ../shared/bench
 *
 * See README.md in this folder for the method and what it needs.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepareArena } from "./arena.ts";
import { report } from "./report.ts";
import { readResults } from "./results.ts";
import { startDatabase, weirTarget } from "./weir-target.ts";

const { values: options } = parseArgs({
  options: {
    harness: { type: "string", default: "../shared/bench" },
    arena: { type: "string", default: join(tmpdir(), "weir-bench") },
    targets: { type: "string", default: "direct,nginx,envoy,node-http,node-undici,node-mask-fast,weir" },
    scenarios: { type: "string", default: "ns-c1,ns-c16,ns-c64,st16-d0,st64-d0,st16-d5,ns-c16-pii,st16-d0-pii,ol-200" },
    reps: { type: "string", default: "3" },
    out: { type: "string", default: "docs/measured/gateway.md" },
    smoke: { type: "boolean", default: false },
  },
});

const msPerSecond = 1000;

/** Calls that the load client made to Weir: what the database's CPU is shared over. Warm-up calls are not counted, so the share is an upper bound. */
const callsTo = (runs: readonly { target: string; requests: number }[]): number =>
  runs.filter(({ target }) => target === "weir").reduce((sum, { requests }) => sum + requests, 0);

const measure = async (): Promise<void> => {
  const arena = prepareArena(resolve(options.harness), resolve(options.arena));
  const targets = options.targets.split(",").filter((name) => ![...arena.missing.keys()].some((peer) => name.startsWith(peer)));
  const database = await startDatabase(join(arena.folder, "database"));
  try {
    arena.add(weirTarget(arena.folder, database.url));
    const selection = ["-targets", targets.join(","), "-scenarios", options.scenarios];
    arena.bench([...selection, "-smoke"]);
    if (options.smoke) return;
    const before = database.cpuSeconds();
    arena.bench([...selection, "-reps", options.reps, "-out", "results/gateway"]);
    const results = readResults(join(arena.folder, "results/gateway.json"));
    const databaseMsPerCall = ((database.cpuSeconds() - before) * msPerSecond) / Math.max(1, callsTo(results.runs));
    const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}`;
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, report(results, { machine, node: process.version, databaseMsPerCall, missing: arena.missing }));
  } finally {
    await database.stop();
  }
};

await measure();
