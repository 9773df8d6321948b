import { defineConfig } from "vitest/config";

/** A test that waits longer than this waits for something that will not come; real databases and SDKs included. */
const testTimeoutMs = 30_000;
/** Starting PostgreSQL and a gateway takes one to two seconds on a quiet machine, ten on a busy one. */
const hookTimeoutMs = 60_000;

/** What is polled for comes at once on a quiet machine; on a busy one a second, which is the default, is too short. */
const pollTimeoutMs = 10_000;

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: testTimeoutMs,
    hookTimeout: hookTimeoutMs,
    teardownTimeout: hookTimeoutMs,
    expect: { poll: { timeout: pollTimeoutMs } },
    projects: [
      { extends: true, test: { name: "pure", include: ["test/{unit,laws,house}/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "real",
          include: ["test/**/*.test.ts"],
          exclude: ["test/{unit,laws,house}/**"],
          globalSetup: ["test/support/global-setup.ts"],
        },
      },
    ],
  },
});
