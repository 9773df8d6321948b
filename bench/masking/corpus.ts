/** Texts to measure on: made, not found, so that every run and every machine reads the same. */

import { Random } from "../../test/fuzz/random.ts";

const WORDS =
  "the model answers every question about a river in the valley where small boats carry wood and stone from one town to another while people walk along the water and talk of weather trade music numbers letters gardens children winter summer bread markets engines signals memory tokens gateway stream policy record answer caller network latency".split(
    " ",
  );
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const letters = (random: Random, length: number, from = LETTERS): string =>
  Array.from({ length }, () => from.charAt(random.below(from.length))).join("");

function sentence(random: Random): string {
  const words = Array.from({ length: 6 + random.below(14) }, () => random.pick(WORDS) + (random.chance(0.06) ? "," : ""));
  const text = words.join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${random.chance(0.1) ? ` ${random.below(10_000)}` : ""}. `;
}

function code(random: Random): string {
  const [a, b, c] = [random.pick(WORDS), random.pick(WORDS), random.pick(WORDS)];
  return random.pick([
    `\n\`\`\`ts\nconst ${a} = await this.${b}.${c}(${random.below(100)});\nif (${a}.length > ${random.below(9)}) return ${b};\n\`\`\`\n`,
    `\n{"id": ${random.below(1e6)}, "${a}": "${b} ${c}", "list": [${random.below(99)}, ${random.next().toFixed(3)}], "done": true}\n`,
    `\n- **${a}**: ${sentence(random)}\n- \`${b}_${c}\`: ${sentence(random)}\n`,
  ]);
}

const SECRETS: readonly ((random: Random) => string)[] = [
  (random) => `${random.pick(WORDS)}.${random.pick(WORDS)}@${random.pick(WORDS)}.example.com`,
  () => "4111 1111 1111 1111",
  () => "GB82 WEST 1234 5698 7654 32",
  (random) => `sk-proj-${letters(random, 48)}`,
  (random) => `AKIA${letters(random, 16, LETTERS.slice(0, 26))}`,
  (random) => `ghp_${letters(random, 36)}`,
  (random) => `10.${random.below(255)}.${random.below(255)}.${random.below(255)}`,
  (random) => `password: "${letters(random, 12)}"`,
  (random) => `eyJ${letters(random, 20)}.eyJ${letters(random, 40)}.${letters(random, 43)}`,
  (random) => `-----BEGIN RSA PRIVATE KEY-----\n${letters(random, 64)}\n-----END RSA PRIVATE KEY-----`,
];

function fill(units: number, next: () => string): string {
  const parts: string[] = [];
  for (let length = 0; length < units; length += parts[parts.length - 1]?.length ?? 0) parts.push(next());
  // Through bytes and back: one flat string, as text from a socket is.
  return Buffer.from(parts.join("").slice(0, units), "latin1").toString("latin1");
}

/** English with code and JSON in it, and nothing to mask. */
export function cleanText(units: number): string {
  const random = new Random(12_345);
  return fill(units, () => (random.chance(0.12) ? code(random) : sentence(random)));
}

/** A secret after every sentence. */
export function denseText(units: number): string {
  const random = new Random(54_321);
  return fill(units, () => `${sentence(random)}${random.pick(SECRETS)(random)} `);
}

const repeat = (piece: string) => (units: number) => fill(units, () => piece.repeat(64));

/** Texts written against the masker. */
export const ADVERSARIAL: Readonly<Record<string, (units: number) => string>> = {
  digits: repeat("1234567890"),
  "1234 5678": repeat("1234 5678 "),
  aaaa: repeat("a"),
  base64: (units) => {
    const random = new Random(7);
    return fill(units, () => letters(random, 1000));
  },
  "near misses": repeat(
    "sk-ant-api03- AKIAABCDEFGHIJKLMNO ghp_abcdefghij eyJabcdefghijkl.ey john.doe@corp- -----BEGIN RSA PRIVATE KEY password: ",
  ),
  quotes: repeat('"password" : "'),
  "e-mail chains": repeat("a@a."),
  "open PEM": (units) => fill(units, () => `-----BEGIN PRIVATE KEY-----\n${"A".repeat(units)}`),
};

/** A text in pieces of a size, flat strings each. */
export function pieces(text: string, size: number): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; at += size) out.push(Buffer.from(text.slice(at, at + size), "latin1").toString("latin1"));
  return out;
}
