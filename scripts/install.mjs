/** Installs what package-lock.json names and node_modules lacks. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const packagesOf = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return undefined; // missing or cut short: as good as nothing installed
  }
};

/**
 * Whether every package of the lock file is there in its version. npm writes `node_modules/.package-lock.json` last, so an interrupted
 * installation is seen. Optional packages may be absent: they are for other machines.
 */
const isComplete = (root) => {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = present[path];
    return path === "" || (found === undefined ? optional === true : found.version === version);
  });
};

/** The npm that runs us, or the one on PATH. */
const npm = (args, root) => {
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const running = process.env.npm_execpath;
  if (running?.endsWith(".js")) return spawnSync(process.execPath, [running, ...args], options);
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
};

/** Development packages are part of it whatever NODE_ENV says: they build and test. Packages' own install scripts are not run; none is needed. */
const installArguments = ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/** Installs when something is missing. Throws an Error whose message is meant for people. */
export const ensureInstalled = (root) => {
  if (isComplete(root)) return;
  console.error("weir: installing packages (once; needs the network) ...");
  const { status, error } = npm(installArguments, root);
  if (error !== undefined) throw new Error(`npm could not be started (${error.code}).`);
  if (status !== 0) throw new Error("npm could not install the packages; what it said stands above.");
};
