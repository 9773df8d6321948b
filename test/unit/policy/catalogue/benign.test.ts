import { describe, expect, test } from "vitest";
import { catalogue } from "../../../../policy/catalogue/index.ts";
import { compile } from "../../../../policy/masking/index.ts";
import { benignTexts } from "./benign-texts.ts";

const everything = compile(catalogue);

/** What is masked of a text, for a message that says what went wrong. */
const masked = (text: string): readonly string[] =>
  everything.spans(text).map(({ start, end, ...span }) => `${JSON.stringify(span)}: ${text.slice(start, end)}`);

test("beside a telephone number the time and the date are left alone", () => {
  const text = "call 555-0100 at 02:13:07 on 2026-11-21";
  expect(everything.spans(text).map(({ start, end }) => text.slice(start, end))).toEqual(["555-0100"]);
});

/** What is masked though it is harmless: it cannot be told from what it looks like. */
const exceptions = [
  { text: "02 01 01 00 00 in a row of bytes", covered: ["02 01 01 00 00"], reason: "a French telephone number is written so" },
  { text: "7f45 4c46 0201 0100 0000", covered: ["0201 0100 0000"], reason: "a number with an area code is written so" },
  { text: 'apiKey: "6fe4476ee5a1832882e326b506d14126"', covered: ["6fe4476ee5a1832882e326b506d14126"], reason: "keys are drawn so" },
];

test.each(exceptions)("$text is masked, because $reason", ({ text, covered }) => {
  expect(everything.spans(text).map(({ start, end }) => text.slice(start, end))).toEqual(covered);
});

describe.each(Object.entries(benignTexts))("text of the kind %s", (_kind, lines) => {
  test.each(lines)("is left alone by every detector: %s", (line) => {
    expect(masked(line)).toEqual([]);
  });

  test("is left alone as a whole", () => {
    expect(masked(lines.join("\n"))).toEqual([]);
  });
});
