/**
 * CPU that a gateway uses while nobody calls, in per cent of one core. Linux.
 * Usage: tsx bench/access/idle.ts [SECONDS]
 */

import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startGatewayProcess } from "../../test/support/gateway-process.ts";

/** Linux counts a process's time in hundredths of a second (proc(5), sysconf(_SC_CLK_TCK)). */
const ticksASecond = 100;
/** Where utime and stime stand behind the program's name, which is in parentheses and may hold spaces. */
const [userAt, systemAt] = [11, 12];
/** What a start leaves to be done, milliseconds. */
const settleMs = 10_000;

const cpuSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[userAt]) + Number(fields[systemAt])) / ticksASecond;
};

const configuration = `
listen: { address: 127.0.0.1, port: 0 }
admin: { address: 127.0.0.1, port: 0 }
database: embedded
dataDir: data
encryptionKey: \${env:BENCH_ENCRYPTION_KEY}
connections: [{ name: gpt, protocol: openai, upstream: "https://api.openai.com/v1" }]
policies: [{ name: everybody, match: { connections: [gpt] }, effect: allow }]
`;

const seconds = Number(process.argv[2] ?? 60);
const folder = await mkdtemp(join(tmpdir(), "weir-idle-"));
await chmod(folder, 0o755);
const file = join(folder, "weir.yaml");
await writeFile(file, configuration);
const gateway = await startGatewayProcess(file, { BENCH_ENCRYPTION_KEY: randomBytes(32).toString("base64") });
await sleep(settleMs);
const before = await cpuSeconds(gateway.pid);
await sleep(seconds * 1_000);
const used = (await cpuSeconds(gateway.pid)) - before;
process.stdout.write(`idle for ${seconds} s: ${((used / seconds) * 100).toFixed(2)} % of a core\n`);
await gateway.stop();
await rm(folder, { recursive: true });
