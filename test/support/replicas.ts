/** Replicas of one gateway, each a process of its own with a data folder of its own, over one database. */

import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseParts } from "../../src/store/index.ts";
import { urlOf } from "./gateway.ts";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";

export interface ReplicasOptions {
  /** Everything but listeners, database, data folder and encryption key. */
  readonly configuration: string;
  readonly env: Readonly<Record<string, string>>;
  readonly database: DatabaseParts;
}

const frame = `
listen: { address: 127.0.0.1, port: 0 }
admin: { address: 127.0.0.1, port: 0 }
database: \${env:REPLICA_DATABASE}
dataDir: data
encryptionKey: \${env:REPLICA_ENCRYPTION_KEY}
`;

/** One replica; its addresses change when it is started again. */
export class Replica {
  readonly #start: () => Promise<GatewayProcess>;
  #process: GatewayProcess;

  constructor(start: () => Promise<GatewayProcess>, process: GatewayProcess) {
    this.#start = start;
    this.#process = process;
  }

  get url(): string {
    return this.#process.url;
  }

  get adminUrl(): string {
    return this.#process.adminUrl;
  }

  /** Ends it as a power cut would, and starts it again on what it left. */
  async killAndRestart(): Promise<void> {
    await this.#process.kill();
    this.#process = await this.#start();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** Starts as many replicas as are wanted, one after the other; `close` stops them and removes their folders. */
export const startReplicas = async (
  count: number,
  { configuration, env, database }: ReplicasOptions,
): Promise<{ readonly replicas: readonly Replica[]; readonly close: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), "weir-replicas-"));
  await chmod(folder, 0o755);
  const told = { ...env, REPLICA_DATABASE: urlOf(database), REPLICA_ENCRYPTION_KEY: randomBytes(32).toString("base64") };
  const replicas: Replica[] = [];
  for (let at = 0; at < count; at++) {
    const own = join(folder, String(at));
    await mkdir(own);
    const file = join(own, "weir.yaml");
    await writeFile(file, frame + configuration);
    const start = (): Promise<GatewayProcess> => startGatewayProcess(file, told);
    replicas.push(new Replica(start, await start()));
  }
  return {
    replicas,
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
