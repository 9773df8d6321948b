import { describe, expect, it } from "vitest";
import { type Finding, lintPlanted, type Plant } from "./planted-copy.ts";

const law = "lint/style/noRestrictedImports";
const straight = "plugin";

/** A plant's path is made unique, so that one run of Biome judges them all. */
const planted = (file: string, code: string, index: number): Plant => ({ file: file.replace(".ts", `-${index}.ts`), code });

/** Folder of the importing file, specifier: each crosses a line of ARCHITECTURE.md 2.2. */
const crossings: readonly (readonly [file: string, specifier: string])[] = [
  ["src/envelope/plant.ts", "node:crypto"],
  ["src/envelope/plant.ts", "pg"],
  ["src/envelope/plant.ts", "../store/index.ts"],
  ["src/envelope/plant.ts", "../../policy/decision.ts"],
  ["src/envelope/json/plant.ts", "node:buffer"],
  ["src/envelope/json/plant.ts", "../../store/index.ts"],
  ["policy/plant.ts", "node:crypto"],
  ["policy/plant.ts", "crypto"],
  ["policy/plant.ts", "pg"],
  ["policy/plant.ts", "pino"],
  ["policy/plant.ts", "../src/store/index.ts"],
  ["policy/plant.ts", "../adapters/openai/index.ts"],
  ["policy/masking/plant.ts", "node:buffer"],
  ["policy/masking/plant.ts", "../../src/enforcement/ports.ts"],
  ["policy/masking/plant.ts", "../../adapters/shared/sse.ts"],
  ["policy/masking/json/plant.ts", "../../../src/sessions/index.ts"],
  ["src/enforcement/plant.ts", "../../adapters/openai/index.ts"],
  ["src/enforcement/plant.ts", "../identity/index.ts"],
  ["src/enforcement/plant.ts", "../store/index.ts"],
  ["src/enforcement/plant.ts", "pg"],
  ["src/enforcement/plant.ts", "@grpc/grpc-js"],
  ["src/enforcement/plant.ts", "@connectrpc/connect"],
  ["src/enforcement/deep/plant.ts", "../../identity/index.ts"],
  ["src/identity/plant.ts", "../sessions/index.ts"],
  ["src/identity/plant.ts", "../enforcement/serve.ts"],
  ["src/identity/plant.ts", "../main.ts"],
  ["src/identity/plant.ts", ".."],
  ["src/connections/plant.ts", "../../adapters/shared/upstream.ts"],
  ["src/connections/plant.ts", "../identity/index.ts"],
  ["src/approvals/plant.ts", "../config/index.ts"],
  ["src/connections/plant.ts", "../gen/weir/v1/session_pb.ts"],
  ["src/inference/plant.ts", "../../adapters/openai/index.ts"],
  ["src/inference/plant.ts", "../connections/index.ts"],
  ["src/sessions/plant.ts", "../../policy/decision.ts"],
  ["src/sessions/deep/plant.ts", "../../identity/index.ts"],
  ["src/sessions/deep/plant.ts", "../../../adapters/openai/index.ts"],
  ["src/sessions/deep/deeper/plant.ts", "../../../identity/index.ts"],
  ["adapters/openai/plant.ts", "../anthropic/index.ts"],
  ["adapters/openai/plant.ts", "../../policy/decision.ts"],
  ["adapters/openai/plant.ts", "../../src/enforcement/ports.ts"],
  ["adapters/openai/plant.ts", "pg"],
  ["adapters/openai/chat/plant.ts", "../../anthropic/index.ts"],
  ["adapters/openai/chat/plant.ts", "../../../src/sessions/index.ts"],
  ["adapters/openai/chat/deep/plant.ts", "../../../../src/sessions/index.ts"],
  ["adapters/shared/plant.ts", "../openai/index.ts"],
  ["src/config/plant.ts", "../identity/index.ts"],
  ["src/config/plant.ts", "../store/index.ts"],
  ["src/listener/plant.ts", "../../adapters/openai/index.ts"],
  ["src/listener/plant.ts", "../telemetry/index.ts"],
  ["src/store/plant.ts", "../sessions/index.ts"],
  ["src/telemetry/plant.ts", "../config/index.ts"],
  ["src/telemetry/deep/plant.ts", "../../config/index.ts"],
  ["src/cli/plant.ts", "../../adapters/openai/index.ts"],
  ["src/cli/plant.ts", "../enforcement/serve.ts"],
  ["src/cli/plant.ts", "../sessions/journal.ts"],
  ["src/cli/commands/plant.ts", "../../sessions/journal.ts"],
  ["src/console/api/plant.ts", "../../../adapters/openai/index.ts"],
  ["src/console/web/plant.ts", "../api/index.ts"],
  ["src/console/web/pages/plant.ts", "../../../sessions/index.ts"],
  ["src/newcomer/plant.ts", "../store/index.ts"],
];

/** Ways in which an import could hide from a check that reads the text of specifiers. */
const detours: readonly (readonly [name: string, code: string])[] = [
  ["./..", 'import "./..";'],
  ["./../", 'import "./../store/index.ts";'],
  ["x/../", 'import "./deep/../../store/index.ts";'],
  ["../x/../", 'import "../envelope/../store/index.ts";'],
  [".././", 'import ".././store/index.ts";'],
  ["././/..", 'import ".//../store/index.ts";'],
  ["a re-export", 'export { x } from "./../store/index.ts";'],
  ["a dynamic detour", 'export const x = await import("./../store/index.ts");'],
  ["a dynamic detour after a step up", 'export const x = await import("../envelope/../store/index.ts");'],
  ["a computed specifier", 'const name = "../store/index.ts";\nexport const x = await import(name);'],
  ["a template", "export const x = await import(`../store/index.ts`);"],
  ["an inline type import", 'export type X = import("../store/index.ts").X;'],
  ["an inline typeof import", 'export type X = typeof import("../store/index.ts");'],
  ["this package's own name", 'import "@weir-gateway/weir/src/store/index.ts";'],
  ["an absolute path", 'import "/srv/weir/src/store/index.ts";'],
  ["a file address", 'import "file:///srv/weir/src/store/index.ts";'],
  ["a package-internal alias", 'import "#store";'],
];

const allowed: readonly (readonly [file: string, specifier: string])[] = [
  ["src/main.ts", "../adapters/openai/index.ts"],
  ["src/main.ts", "./enforcement/index.ts"],
  ["src/envelope/plant.ts", "./text.ts"],
  ["src/envelope/json/plant.ts", "../text.ts"],
  ["policy/plant.ts", "../src/envelope/text.ts"],
  ["policy/plant.ts", "./masking/index.ts"],
  ["policy/masking/plant.ts", "../decision.ts"],
  ["policy/masking/plant.ts", "@eslint-community/regexpp"],
  ["policy/masking/json/plant.ts", "../../../src/envelope/text.ts"],
  ["policy/masking/json/plant.ts", "../../decision.ts"],
  ["src/enforcement/plant.ts", "../../policy/decision.ts"],
  ["src/enforcement/plant.ts", "./ports.ts"],
  ["src/identity/plant.ts", "../enforcement/ports.ts"],
  ["src/identity/plant.ts", "../store/index.ts"],
  ["src/identity/plant.ts", "node:crypto"],
  ["src/inference/plant.ts", "../gen/weir/v1/session_pb.ts"],
  ["src/inference/plant.ts", "@connectrpc/connect"],
  ["src/sessions/deep/plant.ts", "../../telemetry/index.ts"],
  ["src/sessions/deep/plant.ts", "../journal.ts"],
  ["src/sessions/deep/deeper/plant.ts", "../../journal.ts"],
  ["adapters/openai/plant.ts", "../shared/sse.ts"],
  ["adapters/openai/plant.ts", "../../src/envelope/text.ts"],
  ["adapters/openai/chat/plant.ts", "../../../src/gen/weir/v1/session_pb.ts"],
  ["adapters/shared/plant.ts", "undici"],
  ["src/listener/plant.ts", "../envelope/error.ts"],
  ["src/cli/plant.ts", "../sessions/index.ts"],
  ["src/cli/commands/plant.ts", "../../../policy/masking/index.ts"],
  ["src/console/web/pages/plant.ts", "../../../gen/weir/v1/session_pb.ts"],
];

const lines = (count: number, line: string): string => Array.from({ length: count }, () => line).join("\n");

/** Other house rules: the file, the code, the rule that must speak. */
const habits: readonly (readonly [name: string, file: string, code: string, rule: string])[] = [
  ["a default export", "src/listener/plant.ts", "export default 1;", "lint/style/noDefaultExport"],
  ["any", "src/listener/plant.ts", "export const x: any = 1;", "lint/suspicious/noExplicitAny"],
  ["a non-null assertion", "src/listener/plant.ts", "export const x = (y: string | null) => y!.length;", "lint/style/noNonNullAssertion"],
  ["a type imported as a value", "src/listener/plant.ts", 'import { X } from "./x.ts";\nexport type Y = X;', "lint/style/useImportType"],
  ["a specifier without its extension", "src/store/plant.ts", 'export * from "./hen";', "lint/correctness/useImportExtensions"],
  ["a file of 401 lines", "src/listener/plant.ts", lines(401, "export {};"), "lint/style/noExcessiveLinesPerFile"],
  [
    "a function of 61 lines",
    "src/listener/plant.ts",
    `export const f = (): void => {\n${lines(61, "  f();")}\n};`,
    "lint/complexity/noExcessiveLinesPerFunction",
  ],
  ["a file name in camel case", "src/listener/plantedFile.ts", "export {};", "lint/style/useFilenamingConvention"],
  [
    "a switch that forgets a variant",
    "src/listener/plant.ts",
    'type S = "a" | "b";\nexport const f = (s: S): void => {\n  switch (s) {\n    case "a":\n      f("b");\n  }\n};',
    "lint/nursery/useExhaustiveSwitchCases",
  ],
  [
    "a promise nobody waits for",
    "src/listener/plant.ts",
    "const g = async (): Promise<void> => {};\nexport const f = (): void => {\n  g();\n};",
    "lint/nursery/noFloatingPromises",
  ],
  ["the environment in policy", "policy/plant.ts", "export const x = process.env;", "lint/style/noRestrictedGlobals"],
  ["the clock in policy", "policy/plant.ts", "export const x = Date.now();", "plugin"],
  ["chance in policy", "policy/masking/plant.ts", "export const x = Math.random();", "plugin"],
  ["a development dependency in the product", "src/listener/plant.ts", 'import "fast-check";', "lint/correctness/noUndeclaredDependencies"],
];

const judged = (findings: readonly Finding[], file: string): readonly string[] =>
  findings.filter((found) => found.file === file).map((found) => found.rule);

describe("the import law", () => {
  const plants = [
    ...crossings.map(([file, specifier], index) => planted(file, `import "${specifier}";`, index)),
    ...detours.map(([, code], index) => planted("src/sessions/detour.ts", code, index)),
    ...allowed.map(([file, specifier], index) => planted(file, `import "${specifier}";`, crossings.length + index)),
  ];
  const findings = lintPlanted(plants);
  const fileOf = (index: number): string => plants[index]?.file ?? "";

  it.each(crossings.map(([file, specifier], index) => ({ file, specifier, index })))("forbids $file to import $specifier", ({ index }) => {
    expect(judged(findings, fileOf(index))).toContain(law);
  });

  it.each(detours.map(([name], index) => ({ name, index })))("catches $name", ({ index }) => {
    expect(judged(findings, fileOf(crossings.length + index))).toContain(straight);
  });

  it.each(allowed.map(([file, specifier], index) => ({ file, specifier, index })))("lets $file import $specifier", ({ index }) => {
    const said = judged(findings, fileOf(crossings.length + detours.length + index));
    expect(said.filter((rule) => rule === law || rule === straight)).toEqual([]);
  });
});

describe("the house rules", () => {
  const plants = habits.map(([, file, code], index) => planted(file, code, index));
  const cycle: readonly Plant[] = [
    { file: "src/store/hen.ts", code: 'import { egg } from "./egg.ts";\nexport const hen = (): number => egg();' },
    { file: "src/store/egg.ts", code: 'import { hen } from "./hen.ts";\nexport const egg = (): number => hen();' },
  ];
  const longLoop = { file: "policy/masking/masker.ts", code: `export const f = (): void => {\n${lines(61, "  f();")}\n};` };
  const findings = lintPlanted([...plants, ...cycle, longLoop]);

  it.each(habits.map(([name, , , rule], index) => ({ name, rule, index })))("catch $name", ({ rule, index }) => {
    expect(judged(findings, plants[index]?.file ?? "")).toContain(rule);
  });

  it("catch files that import each other", () => {
    expect(judged(findings, "src/store/hen.ts")).toContain("lint/suspicious/noImportCycles");
  });

  it("exempt the masker's hot loop from the function size, by name", () => {
    expect(judged(findings, longLoop.file)).toEqual([]);
  });
});
