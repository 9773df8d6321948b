/** The version of this package. */

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** From `src/cli` and from `dist/src/cli`. */
const candidates = ["../../package.json", "../../../package.json"].map((path) => new URL(path, import.meta.url));

export const packageVersion = (): string => {
  const found = candidates.find((path) => existsSync(path));
  return found === undefined ? "unknown" : z.object({ version: z.string() }).parse(JSON.parse(readFileSync(found, "utf8"))).version;
};
