import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = "node_modules/@weir-gateway/weir";
const parser = "node_modules/@eslint-community/regexpp";

/** Masks a stream that is cut at every place, in two and in single units, and prints how often it differed from the whole. */
const consumer = `
import { catalogue, compile, detectorsNamed, lint, maskPieces, packs, PatternError, UnknownDetector } from "@weir-gateway/weir/masking";
const project = { name: "project-code", pattern: "\\\\bPRJ-[0-9]{6}\\\\b" };
const program = compile(["pii", "credentials", project], { keys: ["ssn"] });
const texts = [
  ["plain", "Ask jane.doe@example.com about PRJ-123456 \\u{1F600}, the card 4111 1111 1111 1111 and 12 apples."],
  ["json", '{"ssn": 12, "note": "mail jane\\\\u0040example.com", "list": [4111111111111111, true]}'],
];
const pieces = async function* (each) { yield* each; };
const masked = async (each, syntax) => { let out = ""; for await (const text of maskPieces(program, pieces(each), syntax)) out += text; return out; };
const wholes = [];
let [cuts, differed] = [0, 0];
for (const [syntax, text] of texts) {
  const whole = program.mask(text, syntax);
  wholes.push(whole);
  const cutsOf = Array.from({ length: text.length - 1 }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1)]);
  for (const each of [...cutsOf, text.split("")]) { cuts++; if (await masked(each, syntax) !== whole) differed++; }
}
const thrown = (work) => { try { work(); } catch (error) { return [error instanceof PatternError, error instanceof UnknownDetector, error.position ?? null]; } };
console.log(JSON.stringify({
  wholes, cuts, differed,
  spans: program.spans(texts[0][1]).map(({ start, end, detector }) => [texts[0][1].slice(start, end), detector]),
  refused: thrown(() => compile([{ name: "mine", pattern: "(a)\\\\1" }])),
  unknown: thrown(() => compile(["emial"])),
  known: catalogue.length === packs.get("all").length && detectorsNamed(["email"])[0].name === "email" && lint(project).length === 0,
}));
`;

/** Uses every type that a caller writes out, under strict settings. */
const typed = `
import { compile, type Detector, type Masker, maskPieces, type MaskSpan, type Program, type Validator } from "@weir-gateway/weir/masking";
const even: () => Validator = () => { let last = 0; return { push: (unit) => { last = unit; }, accepts: () => last % 2 === 0 }; };
const mine: Detector = { name: "mine", pattern: "\\\\bM[0-9]{8}", validator: even, replace: { kind: "hash", bits: 64 } };
const program: Program = compile(["pii", mine], { hash: (secret) => secret.length.toString(16).padStart(12, "0"), keys: ["ssn"] });
const masker: Masker = program.open("json");
export const spans: readonly MaskSpan[] = program.spans(masker.push("{}") + masker.finish({ complete: false }));
export const stream: AsyncIterable<string> = maskPieces(program, (async function* () { yield "text"; })());
`;

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** Packs the package and installs it, with the one dependency that masking has, into a folder of its own. */
const install = (folder: string): void => {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root);
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "no archive";
  mkdirSync(join(folder, installed), { recursive: true });
  run("tar", ["-xzf", archive, "--strip-components=1", "-C", installed], folder);
  mkdirSync(dirname(join(folder, parser)), { recursive: true });
  symlinkSync(join(root, parser), join(folder, parser), "junction");
};

describe("the package, installed elsewhere", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-library-"));
    install(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("masks from a plain module, alike however the text is cut", () => {
    writeFileSync(join(folder, "consumer.mjs"), consumer);
    const told: unknown = JSON.parse(run(process.execPath, ["consumer.mjs"], folder));
    expect(told).toEqual({
      wholes: [
        "Ask [EMAIL] about [PROJECT_CODE] \u{1f600}, the card [CREDIT_CARD] and 12 apples.",
        '{"ssn": "[SSN]", "note": "mail [EMAIL]", "list": ["[CREDIT_CARD]", true]}',
      ],
      cuts: 172,
      differed: 0,
      spans: [
        ["jane.doe@example.com", "email"],
        ["PRJ-123456", "project-code"],
        ["4111 1111 1111 1111", "credit-card"],
      ],
      refused: [true, false, 3],
      unknown: [false, true, null],
      known: true,
    });
  });

  it("brings types that hold under strict settings, without those of Node", () => {
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    writeFileSync(join(folder, "typed.ts"), typed);
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--types", "", "--exactOptionalPropertyTypes"];
    expect(run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, "typed.ts"], folder)).toBe("");
  });
});
