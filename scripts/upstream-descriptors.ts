/** Compiles proto/upstream into the descriptors that the gateway has built in. Usage: tsx scripts/upstream-descriptors.ts [FOLDER] */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , folder = "src/gen/upstream"] = process.argv;

/** The protocols: folders of proto/upstream. */
const upstreams = ["triton", "oip", "mlserver", "tfserving"];

const compile = (name: string): string => {
  const args = ["build", `proto/upstream/${name}`, "--as-file-descriptor-set", "--exclude-source-info", "--output", "-"];
  return execFileSync("node_modules/.bin/buf", args).toString("base64");
};

const entries = upstreams.map((name) => `  ${name}:\n    "${compile(name)}",\n`).join("");
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, "descriptors.ts"),
  `// Generated from proto/upstream by scripts/upstream-descriptors.ts.

/** The protocols of model servers that are built in: serialised FileDescriptorSets, base64. */
export const upstreamDescriptors = {
${entries}} as const;
`,
);
