/** Builds `dist/` from the sources, when they are not the ones it was built from. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const sourceFolders = ["src", "adapters", "policy"];
const settings = ["tsconfig.json", "tsconfig.build.json", "package.json", "package-lock.json"];
/** Holds the hash of the sources that `dist/` was built from; written last, so that half a build is none. */
const marker = "built-from";
/** The browser's part has a build of its own. */
const browserFolder = join("src", "console", "web");

const filesBelow = (root) =>
  sourceFolders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((path) => !path.startsWith(browserFolder))
    .sort();

const hashOf = (root, files) => {
  const hash = createHash("sha256");
  for (const file of [...settings, ...files])
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
};

const builtFrom = (root) => {
  const path = join(root, "dist", marker);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
};

const compile = (root, folder) => {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", folder], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("the sources could not be built; what the compiler said stands above.");
};

const copyAssets = (root, folder, files) => {
  for (const file of files.filter((each) => !/\.tsx?$/.test(each))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
};

/** Puts a finished build in place; a process that runs from the old one keeps it until it has loaded what it needs. */
const replace = (folder, dist) => {
  const old = `${folder}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(folder, dist);
  rmSync(old, { recursive: true, force: true });
};

/** Builds when `dist/` is missing or stale. Throws an Error whose message is meant for people. */
export const ensureBuilt = (root) => {
  const files = filesBelow(root);
  const hash = hashOf(root, files);
  if (builtFrom(root) === hash) return;
  console.error("weir: building ...");
  const folder = join(root, "node_modules", ".cache", `weir-build-${process.pid}`);
  try {
    compile(root, folder);
    copyAssets(root, folder, files);
    writeFileSync(join(folder, marker), hash);
    replace(folder, join(root, "dist"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    ensureBuilt(fileURLToPath(new URL("..", import.meta.url)));
  } catch (error) {
    console.error(`weir: ${error.message}`);
    process.exitCode = 1;
  }
}
