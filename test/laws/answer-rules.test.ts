import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, type Detector, laneOptions, type Program } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers, maskSpans } from "../../src/enforcement/masked.ts";
import { type Lane, lane, type Syntax } from "../../src/envelope/text.ts";
import { cutAt } from "../support/cuts.ts";
import { endLine, type Line, line, lineCodec, spelled } from "../support/line-codec.ts";

const stopping: readonly Detector[] = [
  { name: "p answers.deny[0]", pattern: "(?i)project (?:apollo|zeus)", stops: true },
  { name: "p answers.deny[1]", pattern: "\\bdrop\\s+table\\b", stops: true },
];
const masking: readonly Detector[] = [
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
];
const program = compile([...stopping, ...masking], laneOptions());
const engineOnly = compile([...stopping, ...masking]);
const wider = compile([...stopping, ...masking, { name: "code", pattern: "\\bPRJ-\\d{6}\\b" }], laneOptions());
/** The same rules, all of them replaced: what says where the first match stands. */
const replacing = compile([...stopping, ...masking].map(({ stops, ...detector }) => detector));

const words = fc
  .array(
    fc.constantFrom(
      "Project Zeus",
      "project ap",
      "ollo",
      "drop\ttable",
      "drop tab",
      "a.b@example.com",
      "AKIA",
      " ",
      "x",
      "PRJ-123456",
      "\n",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** What may be let out: everything before the first match of a rule that stops, masked. */
const allowed = (text: string): { readonly text: string; readonly stopped: boolean } => {
  const first = replacing.spans(text).find(({ detector }) => detector.startsWith("p "));
  if (first === undefined) return { text: replacing.mask(text), stopped: false };
  let out = "";
  let at = 0;
  for (const { start, end, detector } of replacing.spans(text)) {
    out += text.slice(at, start);
    if (detector.startsWith("p ")) return { text: out, stopped: true };
    out += `[${detector.toUpperCase().replaceAll("-", "_")}]`;
    at = end;
  }
  return { text: out, stopped: true };
};

const pushed = (by: Program, chunks: readonly string[], syntax: Syntax = "plain") => {
  const masker = by.open(syntax);
  const out = chunks.map((chunk) => masker.push(chunk));
  return { text: out.join("") + masker.finish(), stopped: masker.stopped };
};

const read = async (lines: readonly Line[], rules: ConstructorParameters<typeof LaneMaskers>[0]) => {
  const recorded = new Map<Lane, string>();
  const lanes = new LaneMaskers(rules, { piece: (name, _, text) => recorded.set(name, (recorded.get(name) ?? "") + text) });
  const out: Line[] = [];
  let failure: unknown;
  try {
    const batches = (async function* () {
      for (let at = 0; at < lines.length; at += 3) yield lines.slice(at, at + 3);
    })();
    for await (const batch of maskStream(batches, lineCodec, { lanes, mustRead: true })) out.push(...batch);
  } catch (thrown) {
    failure = thrown;
  }
  return { out, recorded, failure };
};

describe("a rule that denies answers", () => {
  it("lets out everything before its first match and nothing of it, however the text is cut", () => {
    fc.assert(
      fc.property(fc.constantFrom(program, engineOnly), words, fc.array(fc.nat(200)), (by, text, cuts) => {
        const wanted = allowed(text);
        const { text: got, stopped } = pushed(by, cutAt(text, cuts));
        expect(got).toBe(wanted.text);
        expect(stopped !== undefined).toBe(wanted.stopped);
      }),
      { numRuns: 500 },
    );
  });

  it("stops a stream where it stops a text, with an error that names the rule to nobody but the record", async () => {
    await fc.assert(
      fc.asyncProperty(words, fc.array(fc.nat(200)), fc.constantFrom(program, wider, undefined), async (text, cuts, record) => {
        const wanted = allowed(text);
        const lines = [...cutAt(text, cuts).map((piece) => line("a", piece)), line("a", "", { closes: "complete" }), endLine];
        const { out, recorded, failure } = await read(lines, { reader: program, record });
        expect(spelled(out).get(lane("a")) ?? "").toBe(wanted.text);
        if (record === program) expect(recorded.get(lane("a")) ?? "").toBe(wanted.text);
        expect(failure === undefined).toBe(!wanted.stopped);
        if (!wanted.stopped) return;
        expect(out.some(({ end, closes }) => end === true || closes !== undefined)).toBe(false);
        expect(failure).toMatchObject({ reason: "response_blocked", message: "The answer was blocked by policy." });
        expect(failure).toMatchObject({ note: expect.stringMatching(/^blocked by p answers\.deny\[[01]\]$/) });
      }),
      { numRuns: 300 },
    );
  });

  it("lets other lanes have what was theirs, and shows no message in part that is whole in itself", async () => {
    const lines = [line("a", "kept "), line("b", "see project "), line("c", "before drop table x", { closes: "complete" }), endLine];
    const { out } = await read(lines, { reader: program, record: undefined });
    expect([...spelled(out)]).toEqual([
      ["a", "kept "],
      ["b", "see project "],
    ]);
  });

  it("stops a whole message, and what stands encoded", () => {
    const span = (text: string, syntax: Syntax = "plain") => ({ lane: lane("a"), author: "assistant", syntax, path: ["a"], text }) as const;
    const mask = (text: string, syntax?: Syntax) =>
      maskSpans({ spans: [span(text, syntax)], closings: [] }, { reader: program, record: program }, () => undefined);
    expect(mask("all is well")).toEqual(["all is well"]);
    for (const text of ["Project Zeus", "Project%20Zeus", "pro\u200bject zeus", Buffer.from("see project zeus, then").toString("base64")])
      expect(() => mask(text)).toThrow(expect.objectContaining({ reason: "response_blocked" }));
    expect(() => mask('{"sql":"DROP; drop\\u0020table"}', "json")).toThrow(expect.objectContaining({ reason: "response_blocked" }));
  });

  it("lets out nothing of a match in JSON, however it is cut", () => {
    const json = '{"a":"fine","sql":"drop  table users","b":1}';
    fc.assert(
      fc.property(fc.array(fc.nat(100)), (cuts) => {
        const { text, stopped } = pushed(program, cutAt(json, cuts), "json");
        expect(text).toBe('{"a":"fine","sql":"');
        expect(stopped).toBe("p answers.deny[1]");
      }),
    );
  });

  it("only says so where it observes", async () => {
    const met: string[] = [];
    const watch = { program: compile(stopping), met: (rule: string) => met.push(rule) };
    const lines = [line("a", "drop ta"), line("a", "ble and a.b@example.com", { closes: "complete" }), endLine];
    const { out, failure } = await read(lines, { reader: undefined, record: undefined, watch });
    expect(failure).toBeUndefined();
    expect(spelled(out).get(lane("a"))).toBe("drop table and a.b@example.com");
    expect(new Set(met)).toEqual(new Set(["p answers.deny[1]"]));
  });
});
