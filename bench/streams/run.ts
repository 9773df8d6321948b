/**
 * Measures what one token of a streamed answer costs the whole gateway, per API: sockets, identity, policy, masking with every detector, recording.
 *
 *     npx tsx bench/streams/run.ts [--write docs/measured/streams.md]
 *
 * CPU time of the gateway's process; the model, the clients and the database are processes of their own. The best of some interleaved rounds.
 */

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { startTestGateway } from "../../test/support/gateway.ts";
import { servePeer } from "./peer.ts";
import { tokensPerAnswer } from "./wires.ts";

const rounds = 8;
const answersPerRound = 25;
const apis = ["chat", "completions", "responses", "messages"] as const;

const { values: options } = parseArgs({ options: { write: { type: "string" }, peer: { type: "boolean", default: false } } });

const configuration = (port: number): string => `
egress: { allow: [127.0.0.0/8] }
recording: { detectors: [all] }
identities:
  - { name: bench, kind: service, groups: [bench], apiKey: "\${env:WEIR_BENCH_KEY}" }
connections:
  - { name: model, protocol: openai, upstream: "http://127.0.0.1:${port}/v1" }
  - { name: claude, protocol: anthropic, upstream: "http://127.0.0.1:${port}/v1" }
policies:
  - { name: bench, match: { groups: [bench], connections: [model, claude] }, effect: allow, mask: { request: [all], response: [all] } }
`;

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const measure = async (): Promise<void> => {
  const peer = fork(fileURLToPath(import.meta.url), ["--peer"], { execArgv: ["--import", "tsx"] });
  const [hello] = await once(peer, "message");
  const { port } = z.object({ port: z.number() }).parse(hello);
  const key = `weir_${randomBytes(32).toString("hex")}`;
  const gateway = await startTestGateway({ configuration: configuration(port), env: { WEIR_BENCH_KEY: key } });

  const measured = async (api: (typeof apis)[number], answers: number): Promise<number> => {
    const from = cpuUs();
    peer.send({ url: gateway.url, key, api, answers });
    await once(peer, "message");
    return (cpuUs() - from) / (answers * tokensPerAnswer);
  };

  const best = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    for (const api of apis) {
      const cost = await measured(api, answersPerRound);
      // The first round warms up.
      if (round > 0) best.set(api, Math.min(best.get(api) ?? Number.POSITIVE_INFINITY, cost));
    }
  }
  peer.kill();
  await gateway.close();

  const chat = best.get("chat") ?? 0;
  const rows = Array.from(best, ([api, cost]) => `| ${api} | ${cost.toFixed(2)} | ${(cost / chat).toFixed(2)} |`);
  const report = ["| stream | µs a token | beside chat |", "|---|---|---|", ...rows].join("\n");
  console.log(report);
  if (options.write !== undefined) {
    const how = `CPU of the gateway's process, everything on: sockets, identity, policy, masking with every detector, recording. Answers of ${tokensPerAnswer} tokens, four events a write; best of ${rounds} interleaved rounds (\`npx tsx bench/streams/run.ts\`).`;
    writeFileSync(
      options.write,
      `# What a streamed token costs\n\n${how} The ratio is what counts: no API may cost more than 1.3 times what chat does.\n\n${report}\n\nNode ${process.version}.\n`,
    );
  }
};

if (options.peer) servePeer();
else await measure();
