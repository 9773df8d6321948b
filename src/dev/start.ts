/** Starts everything that `npm start` promises, and ends it in the opposite order. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../config/index.ts";
import { type Gateway, startGateway } from "../main.ts";
import { createLog } from "../telemetry/index.ts";
import { developmentConfiguration, developmentEnvironment } from "./configuration.ts";
import { openDevelopmentFolder } from "./folder.ts";
import { startDevelopmentIssuer } from "./issuer.ts";
import { startSampleModel } from "./model/index.ts";
import { ensureFree, type Ports } from "./ports.ts";
import { type Environment, realUpstream, sampleUpstream, type Upstream } from "./upstream.ts";
import type { Running } from "./welcome.ts";

export interface DevelopmentOptions {
  readonly folder: string;
  readonly ports: Ports;
  readonly env: Environment;
}

export interface Development extends Running {
  /** Ends everything; the data stays. */
  close(): Promise<void>;
}

type Close = () => Promise<void>;

/** Milliseconds that answers under way get when everything is stopped: whoever pressed Ctrl-C does not wait for a story's end. */
const graceMs = 1_000;

const closeAll = async (closes: Close[]): Promise<void> => {
  for (let close = closes.pop(); close !== undefined; close = closes.pop()) await close();
};

const startUpstream = async (env: Environment, closes: Close[]): Promise<Upstream> => {
  const real = realUpstream(env);
  if (real !== undefined) return real;
  const model = await startSampleModel();
  closes.push(() => model.close());
  return sampleUpstream(model.url);
};

const startAll = async ({ folder: path, ports, env }: DevelopmentOptions, closes: Close[]): Promise<Running> => {
  await ensureFree(ports);
  const folder = await openDevelopmentFolder(path);
  const upstream = await startUpstream(env, closes);
  const issuer = await startDevelopmentIssuer(folder.secrets);
  closes.push(() => issuer.close());
  const setup = { folder, upstream, issuer: issuer.url, ...ports };
  const text = developmentConfiguration(setup);
  const file = join(folder.path, "development.yaml");
  writeFileSync(file, text, { mode: 0o600 });
  const gateway: Gateway = await startGateway(parseConfig(text, file, { env: developmentEnvironment(setup, env) }), {
    log: createLog({ level: "warn" }), // the terminal belongs to the lines to paste
  });
  closes.push(() => gateway.close(graceMs));
  return {
    gateway: `http://127.0.0.1:${gateway.port}`,
    admin: `http://127.0.0.1:${gateway.adminPort}`,
    issuer: issuer.url,
    upstream,
    apiKey: folder.secrets.apiKey,
    dataFolder: folder.path,
  };
};

/** Starts the gateway and all it needs. Rejects with errors whose messages are for people, having ended what it had started. */
export const startDevelopment = async (options: DevelopmentOptions): Promise<Development> => {
  const closes: Close[] = [];
  try {
    const running = await startAll(options, closes);
    return { ...running, close: () => closeAll(closes) };
  } catch (thrown) {
    await closeAll(closes).catch(() => undefined);
    throw thrown;
  }
};
