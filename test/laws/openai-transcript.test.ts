/** Streamed transcriptions: deltas and the whole text say the same, masked. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TranscriptGrammar } from "../../adapters/openai/transcript-grammar.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { cutAt, someCuts } from "../support/cuts.ts";
import { maskedStream, readsOf } from "../support/masked-answers.ts";

const program = compile([{ name: "aws-key", pattern: "\\bAKIA[0-9A-Z]{16}\\b", credential: true }], laneOptions());

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

describe("a masked transcription", () => {
  it("says in its deltas what it says whole", async () => {
    const words = fc
      .array(fc.constantFrom("AKIAQ3EGRIJ5KZT7XW2M", "hello ", "AKIA", " ", "é"), { maxLength: 6 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(words, someCuts, fc.integer({ min: 1, max: 500 }), async (text, cuts, size) => {
        const deltas = cutAt(text, cuts).map((delta) => event({ type: "transcript.text.delta", delta }));
        const wire = `${deltas.join("") + event({ type: "transcript.text.done", text })}data: [DONE]\n\n`;
        const masked = await maskedStream(new TranscriptGrammar(), readsOf(wire, size), program);
        const told = masked
          .split("\n\n")
          .filter((each) => each.includes("{"))
          .map((each) => JSON.parse(each.slice("data: ".length)));
        expect(told.map(({ delta }) => delta ?? "").join("")).toBe(program.mask(text));
        expect(told.at(-1)?.text).toBe(program.mask(text));
        expect(masked.endsWith("data: [DONE]\n\n")).toBe(true);
      }),
    );
  });
});
