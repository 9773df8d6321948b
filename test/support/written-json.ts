/** JSON texts as people and programs write them: any white space, any escapes, any order, valid or broken. */

import fc from "fast-check";

/** A text together with the value it spells. Object keys are unique. */
export interface WrittenJson {
  readonly text: string;
  readonly value: unknown;
}

const space = fc.constantFrom("", "", "", "", " ", "\n  ", "\t", "\r\n");

const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(..."abc 0123456789-_.@") },
  { weight: 1, arbitrary: fc.constantFrom('"', "\\", "/", "\n", "\t", "\u0000", "\u2028", "é", "😀", "\ud800", "\udc00") },
);

/** One character the way JSON.stringify writes it, or as a `\u` escape. */
const writeUnit = (text: string, long: boolean): string =>
  long
    ? Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
    : JSON.stringify(text).slice(1, -1);

const string: fc.Arbitrary<WrittenJson & { readonly value: string }> = fc
  .array(fc.tuple(unit, fc.nat({ max: 4 })), { maxLength: 12 })
  .map((units) => ({
    value: units.map(([text]) => text).join(""),
    text: `"${units.map(([text, long]) => writeUnit(text, long === 0)).join("")}"`,
  }));

const scalar: fc.Arbitrary<WrittenJson> = fc.oneof(
  string,
  fc
    .constantFrom("true", "false", "null", "0", "-0", "12.5e-3", "1E+2", "4111111111111111")
    .map((text) => ({ text, value: JSON.parse(text) as unknown })),
  fc.integer().map((value) => ({ text: String(value), value })),
);

const { json } = fc.letrec<{ json: WrittenJson }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.array(fc.tuple(space, tie("json"), space), { maxLength: 4 }), space).map(([items, inside]) => ({
        value: items.map(([, item]) => item.value),
        text: `[${inside}${items.map(([before, item, after]) => before + item.text + after).join()}]`,
      })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.uniqueArray(fc.tuple(space, string, space, tie("json"), space), { maxLength: 4, selector: ([, key]) => key.value }),
          space,
        )
        .map(([members, inside]) => ({
          value: Object.fromEntries(members.map(([, key, , item]) => [key.value, item.value])),
          text: `{${inside}${members.map(([a, key, b, item, c]) => `${a}${key.text}${b}:${a}${item.text}${c}`).join()}}`,
        })),
    },
  ),
}));

/** Valid texts. */
export const writtenJson: fc.Arbitrary<WrittenJson> = fc
  .tuple(space, json, space)
  .map(([before, { text, value }, after]) => ({ value, text: before + text + after }));

const scrap = fc.constantFrom(
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "0",
  "1",
  "-",
  ".",
  "e",
  "t",
  "n",
  " ",
  "\n",
  "\u0001",
  "\\u",
  "é",
  "\ufeff",
  "null",
  '"a":',
);

/** Texts that are valid, nearly valid, or rubbish. */
export const brokenJson: fc.Arbitrary<string> = fc.oneof(
  writtenJson.map(({ text }) => text),
  fc.tuple(writtenJson, fc.nat(), fc.nat({ max: 3 }), scrap).map(([{ text }, where, gone, added]) => {
    const at = where % (text.length + 1);
    return text.slice(0, at) + added + text.slice(at + gone);
  }),
  fc.array(scrap, { maxLength: 8 }).map((scraps) => scraps.join("")),
);
