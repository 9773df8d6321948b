/** Configurations as tests write them: the parts that every one needs, and the problems of bad ones. */

import { ConfigError, type Loaded, type LoadOptions, parseConfig, printProblem } from "../../src/config/index.ts";
import { compileEgress } from "../../src/connections/index.ts";

/** Made-up secrets under the names that test configurations use. */
export const environment = {
  WEIR_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
  WEIR_REPORT_KEY: "weir_9f8e7d6c5b4a39281706f5e4d3c2b1a0",
  OPENAI_API_KEY: "upstream-credential",
  DATABASE_URL: "postgres://weir:hunter2@db.internal/weir",
} as const;

/** Parses a configuration to which the encryption key is added in front, on the first line. */
export const parsed = (text: string, options: Partial<LoadOptions> = {}): Loaded =>
  parseConfig(`encryptionKey: \${env:WEIR_ENCRYPTION_KEY}\n${text}`, "weir.yaml", { env: environment, compileEgress, ...options });

/** What is wrong with such a configuration, each as `line:column: message`; lines count from the text's own first. */
export const problemsOf = (text: string, options: Partial<LoadOptions> = {}): readonly string[] => {
  try {
    parsed(text, options);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.problems.map((problem) =>
      "file" in problem ? `${problem.line - 1}:${problem.column}: ${problem.message}` : printProblem(problem),
    );
  }
};
