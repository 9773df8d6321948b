import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import { GatewayError } from "../../src/envelope/error.ts";
import { lane } from "../../src/envelope/text.ts";
import { endLine, type Line, line, lineCodec, spelled } from "../support/line-codec.ts";

const reader = compile([
  { name: "email", pattern: "(?<![\\w.+-])[\\w.+-]{1,64}@[a-z]{1,20}\\.[a-z]{2,8}" },
  { name: "ssn", pattern: "\\b\\d{3}-\\d{2}-\\d{4}\\b" },
  { name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true },
]);
const recorder = compile([...reader.detectors, { name: "code", pattern: "\\bPRJ-\\d{6}\\b" }]);

async function* batched(lines: readonly Line[], size: number): AsyncGenerator<readonly Line[]> {
  for (let at = 0; at < lines.length; at += size) yield lines.slice(at, at + size);
}

const run = async (lines: readonly Line[], size: number, record = reader) => {
  const recorded = new Map<string, string>();
  const lanes = new LaneMaskers({ reader, record }, { piece: (name, _, text) => recorded.set(name, (recorded.get(name) ?? "") + text) });
  const out: Line[] = [];
  for await (const batch of maskStream(batched(lines, size), lineCodec, { lanes, mustRead: true })) out.push(...batch);
  return { out, recorded };
};

const secrets = ["a.b@example.com", "536-22-8741", "AKIAQ3EGRIJ5KZT7XW2M", "PRJ-123456"];
const words = fc
  .array(fc.constantFrom(...secrets, "hello ", "x", " ", "12-", "@", "AKIA", "\n", "😀"), { maxLength: 12 })
  .map((parts) => parts.join(""));

const cut = (text: string, sizes: readonly number[]): readonly string[] => {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
};

const interleave = (left: readonly Line[], right: readonly Line[]): readonly Line[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, index) => [left[index], right[index]])
    .flat()
    .filter((each) => each !== undefined);

const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });

describe("a masked stream", () => {
  it("spells on every lane what masking the whole text spells, however it is cut, batched and interleaved", async () => {
    await fc.assert(
      fc.asyncProperty(words, words, sizes, fc.integer({ min: 1, max: 7 }), async (left, right, pieces, size) => {
        const as = (name: string, text: string) => [
          ...cut(text, pieces).map((piece) => line(name, piece)),
          line(name, "", { closes: "complete" }),
        ];
        const { out, recorded } = await run([...interleave(as("left", left), as("right", right)), endLine], size, recorder);
        expect(spelled(out).get(lane("left")) ?? "").toBe(reader.mask(left));
        expect(spelled(out).get(lane("right")) ?? "").toBe(reader.mask(right));
        expect(recorded.get("left") ?? "").toBe(recorder.mask(left));
        expect(recorded.get("right") ?? "").toBe(recorder.mask(right));
      }),
      { numRuns: 300 },
    );
  });

  it("lets nothing follow a lane's close, and the end come last", async () => {
    const { out } = await run([line("a", "mail a.b@exam"), line("a", "ple.com", { closes: "complete" }), endLine], 1);
    expect(out.map(({ text }) => text).join("")).toBe("mail [EMAIL]");
    expect(out.findIndex(({ closes }) => closes !== undefined)).toBe(out.length - 2);
    expect(out.at(-1)).toBe(endLine);
  });

  it("passes the very same messages where nothing is held or masked", async () => {
    const lines = [line("a", "plain! "), line("a", "text! "), endLine];
    const { out } = await run(lines, 2);
    expect(out).toEqual(lines);
    expect(out[0]).toBe(lines[0]);
  });

  it("drops messages that held nothing but text which is still held", async () => {
    const { out } = await run([line("a", "AKIA"), line("a", "Q3EG"), line("a", "RIJ5KZT7XW2M."), endLine], 1);
    expect(out.map(({ text }) => text)).toEqual(["[AWS_KEY].", ""]);
  });

  it("releases what it held, masked as cut, before an upstream's failure goes on", async () => {
    async function* breaking(): AsyncGenerator<readonly Line[]> {
      yield [line("a", "name 536-22-87")];
      yield [line("b", "key AKIAQ3EGRIJ5")];
      throw new GatewayError("upstream_unavailable");
    }
    const lanes = new LaneMaskers({ reader, record: undefined }, { piece: () => undefined });
    const out: Line[] = [];
    const reading = (async () => {
      for await (const batch of maskStream(breaking(), lineCodec, { lanes, mustRead: false })) out.push(...batch);
    })();
    await expect(reading).rejects.toMatchObject({ reason: "upstream_unavailable" });
    expect(spelled(out).get(lane("a"))).toBe("name 536-22-87");
    expect(spelled(out).get(lane("b"))).toBe("key [AWS_KEY]");
  });

  it("stops with content_unreadable where a message cannot be read and policy says refuse", async () => {
    const blind = { ...lineCodec, visibility: () => "none" as const };
    const lanes = new LaneMaskers({ reader, record: undefined }, { piece: () => undefined });
    const reading = maskStream(batched([line("a", "x")], 1), blind, { lanes, mustRead: true }).next();
    await expect(reading).rejects.toMatchObject({ reason: "content_unreadable" });
  });
});
