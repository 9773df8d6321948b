/** Runs the tests, shows vitest's output as it comes, and closes with `N passed, N failed`. Arguments go to vitest. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const countsIn = (path) => {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, "utf8"));
    // A file that could not be loaded has no cases of its own to fail.
    const brokenFiles = testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0);
    return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length };
  } catch {
    return { passed: 0, failed: 0 };
  }
};

const runVitest = (report) =>
  new Promise((resolve, reject) => {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, NODE_ENV: "test" },
    });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });

const folder = mkdtempSync(join(tmpdir(), "weir-test-"));
const report = join(folder, "report.json");
try {
  const code = await runVitest(report);
  const { passed, failed } = countsIn(report);
  const executed = passed + failed > 0;
  if (!executed) console.log("No test was executed.");
  // An error outside every test case (an unhandled rejection) fails the run though no case failed.
  const failures = code !== 0 && failed === 0 ? 1 : failed;
  console.log(`${passed} passed, ${failures} failed`);
  process.exitCode = executed && failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
