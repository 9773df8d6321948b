/** Streamed chat answers as upstreams write them: several choices, tools, odd spellings, fields nobody has heard of. */

import fc from "fast-check";

const words = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(..." abcdef0123-@.") }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('"', "\\", "\n", "\u0000", "é", "😀", "\ud800", "\u2028", "/", "a") }) },
);

const content = words.map((text) => ({ content: text }));
const delta = fc.oneof(
  { weight: 8, arbitrary: content },
  { weight: 1, arbitrary: fc.record({ role: fc.constant("assistant"), content: words }) },
  { weight: 1, arbitrary: words.map((text) => ({ refusal: text })) },
  { weight: 1, arbitrary: words.map((text) => ({ reasoning_content: text, content: null })) },
  { weight: 1, arbitrary: fc.record({ content: words, reasoning: words }) },
  {
    weight: 2,
    arbitrary: fc.record({ index: fc.nat({ max: 2 }), text: words }).map(({ index, text }) => ({
      tool_calls: [{ index, function: { arguments: text } }],
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ index: fc.nat({ max: 2 }), name: words }).map(({ index, name }) => ({
      tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name, arguments: "" } }],
    })),
  },
  { weight: 1, arbitrary: fc.record({ content: words, new_field: fc.record({ "k y": words, n: fc.integer() }) }) },
  { weight: 1, arbitrary: fc.constant({}) },
);

const choice = fc.record({
  index: fc.nat({ max: 2 }),
  delta,
  logprobs: fc.option(fc.record({ content: fc.array(fc.record({ token: words, logprob: fc.integer() }), { maxLength: 2 }) }), { freq: 8 }),
  finish_reason: fc.option(fc.constantFrom("stop", "length", "tool_calls"), { freq: 12 }),
});

const chunk = fc.record(
  {
    id: fc.constant("chatcmpl-1"),
    object: fc.constant("chat.completion.chunk"),
    created: fc.constant(1_700_000_000),
    model: fc.constantFrom("gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini", "a model with spaces"),
    choices: fc.oneof({ weight: 9, arbitrary: fc.tuple(choice) }, { weight: 1, arbitrary: fc.array(choice, { maxLength: 3 }) }),
    obfuscation: fc.string({ unit: fc.constantFrom(..."abcXYZ09") }),
    usage: fc.option(fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), total_tokens: fc.nat() }), { freq: 6 }),
  },
  { requiredKeys: ["id", "object", "created", "model", "choices"] },
);

/** Every character as a `\u` escape that JSON allows one for, so that equal texts have unequal spellings. */
const escapeAll = (json: string): string => json.replace(/(?<=:")([a-z])/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);

const event = fc.tuple(chunk, fc.nat({ max: 20 }), fc.constantFrom("\n", "\n", "\n", "\r\n", "\r")).map(([value, style, end]) => {
  const json = style === 0 ? escapeAll(JSON.stringify(value)) : JSON.stringify(value);
  if (style === 1) return `data:${json}${end}${end}`;
  if (style === 2) return `: a comment${end}${end}`;
  if (style === 3) return `event: message${end}id: 1${end}data: ${json}${end}: after${end}${end}`;
  if (style === 4) return `data: ${json.replaceAll('"choices":', `${end}data: "choices":`)}${end}${end}`;
  return `data: ${json}${end}${end}`;
});

/** The events of one stream, `[DONE]` at its end; no choice says anything after it has finished. */
export const chatEvents: fc.Arbitrary<readonly string[]> = fc
  .array(event, { maxLength: 12 })
  .map((events) => [...events, "data: [DONE]\n\n"]);
