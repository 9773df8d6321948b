/**
 * What a gRPC call and a streamed message cost in CPU through Weir, beside a generic proxy written with grpc-js, in one run. Usage: tsx bench/rpc/run.ts [--wire]
 * CPU time is the process's own, in user and system; parts are measured by turns, and each row is the median of its rounds.
 */

import { type Cost, costOf, Part } from "./load.ts";

const rounds = 3;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const gateway = new URL("./gateway.ts", import.meta.url);
const server = await Part.start(new URL("./echo-server.ts", import.meta.url));
const port = String(server.port);
const parts = new Map<string, Part>([
  ["grpc-js proxy", await Part.start(new URL("./grpc-js-proxy.ts", import.meta.url), port)],
  ["Weir, passing calls on, recording metadata", await Part.start(gateway, port, "pass")],
  ["Weir, passing calls on, recording digests", await Part.start(gateway, port, "record")],
  ["Weir, masking and recording every text (all detectors)", await Part.start(gateway, port, "mask")],
]);
if (process.argv.includes("--wire")) {
  parts.set("Weir's port and RPC surface alone", await Part.start(new URL("./wire.ts", import.meta.url), port));
}

const costs = new Map<string, Cost[]>([...parts.keys()].map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, part] of parts) costs.get(name)?.push(await costOf(part));
}

const medianOf = (name: string): Cost => {
  const all = costs.get(name) ?? [];
  return { call: median(all.map(({ call }) => call)), message: median(all.map(({ message }) => message)) };
};

const base = medianOf("grpc-js proxy");
console.log("| | CPU per unary call | ratio | CPU per streamed message | ratio |");
console.log("|---|---|---|---|---|");
for (const name of parts.keys()) {
  const { call, message } = medianOf(name);
  const cells = [`${call.toFixed(0)} µs`, (call / base.call).toFixed(2), `${message.toFixed(1)} µs`, (message / base.message).toFixed(2)];
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

for (const part of parts.values()) await part.stop();
await server.stop();
