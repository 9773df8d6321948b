/**
 * Makes a checkout runnable: the right Node, the packages that package-lock.json names, and a `dist/` built from the sources as they are.
 * Uses Node built-ins alone, touches the network only when packages are missing, and says what it does on stderr. Run before `npm start` and `npm test`.
 */

import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The `engines` of package.json, which npm itself only warns about. */
const oldestNode = [20, 19];

const nodeIsTooOld = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
};

/** Throws an Error whose message is meant for people. */
export const setup = () => {
  if (nodeIsTooOld()) {
    throw new Error(
      `Weir needs Node ${oldestNode.join(".")} or newer; this is Node ${process.versions.node}. https://nodejs.org has newer ones.`,
    );
  }
  ensureInstalled(root);
  ensureBuilt(root);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setup();
  } catch (error) {
    console.error(`weir: ${error.message}`);
    process.exitCode = 1;
  }
}
