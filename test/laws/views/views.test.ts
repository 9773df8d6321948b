import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, type Detector } from "../../../policy/masking/index.ts";
import { viewLanes } from "../../../policy/masking/views-masker.ts";
import { cutAt, piecesOf, someCuts } from "../../support/cuts.ts";

const detectors: readonly Detector[] = [
  { name: "aws-key", pattern: "(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])", credential: true },
  { name: "card", pattern: "(?<!\\d)\\d(?:[ -]?\\d){14}[ -]?\\d(?!\\d)" },
  { name: "email", pattern: "[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\\.[a-z]{2,}" },
  { name: "pem", pattern: "-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END PRIVATE KEY-----", block: true },
  { name: "password", pattern: "password\\s*[=:]\\s*(?<secret>[^\\s\"']{6,40})" },
];

const seeing = compile(detectors, { plain: viewLanes });
const blind = compile(detectors);

const masked = (pieces: readonly string[], program = seeing): string => {
  const masker = program.open("plain");
  return pieces.map((piece) => masker.push(piece)).join("") + masker.finish();
};

const card = "4111 1111 1111 1111";
const key = "AKIAIOSFODNN7EXAMPLE";
const pem = "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQEFAASCAUAwggE8AgEAAkEAq\n-----END PRIVATE KEY-----";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const hex = (unit: string, width: number): string => unit.charCodeAt(0).toString(16).padStart(width, "0");
const everyUnit = (text: string, write: (unit: string) => string): string =>
  Array.from({ length: text.length }, (_, at) => write(text.charAt(at))).join("");

/** Ways to write a secret so that it does not read as one. */
const encodings: Readonly<Record<string, (secret: string) => string>> = {
  base64: base64,
  "base64 behind other units": (secret) => `path/to${base64(`so the value is ${secret} then`)}`,
  "base64, second alignment": (secret) => base64(`a ${secret} b`),
  "base64, third alignment": (secret) => base64(`ab ${secret} b`),
  base64url: (secret) => Buffer.from(`key ${secret} ÿþý>>>???`).toString("base64url"),
  "percent-encoding of every unit": (secret) => everyUnit(secret, (unit) => `%${hex(unit, 2)}`),
  "percent-encoding as browsers write it": (secret) => encodeURIComponent(secret),
  "percent-encoding of one unit": (secret) => `${secret.slice(0, 7)}%${hex(secret.charAt(7), 2)}${secret.slice(8)}`,
  "\\u escapes": (secret) => everyUnit(secret, (unit) => `\\u${hex(unit, 4)}`),
  "\\u escape of the first unit": (secret) => `\\u${hex(secret, 4)}${secret.slice(1)}`,
  "\\x escapes": (secret) => everyUnit(secret, (unit) => `\\x${hex(unit, 2)}`),
  JSON: (secret) => JSON.stringify(secret).slice(1, -1),
  "zero-width spaces": (secret) => everyUnit(secret, (unit) => `${unit}\u200b`),
  "a word joiner and a tag inside": (secret) => `${secret.slice(0, 5)}\u2060\u{e0041}${secret.slice(5)}`,
  "full-width forms": (secret) =>
    everyUnit(secret, (unit) => (/[!-~]/.test(unit) ? String.fromCharCode(unit.charCodeAt(0) + 0xfee0) : unit)),
  "mathematical digits": (secret) => secret.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  "soft hyphens written as escapes": (secret) => everyUnit(secret, (unit) => `${unit}\\u00ad`),
};

/** What a reader could make of a text, by other means than the masker's. */
const readings = (text: string): string[] => {
  const code = (digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));
  const runs = text.match(/[\w+/-]+/g) ?? [];
  return [
    ...runs.flatMap((run) => [0, 1, 2, 3].map((phase) => Buffer.from(run.slice(phase), "base64").toString("latin1"))),
    text.replaceAll(/(?:%|\\x)(..)/g, (_, digits: string) => code(digits)),
    text.replaceAll(/\\u(.{4})/g, (_, digits: string) => code(digits)).replaceAll("\\n", "\n"),
  ].map((reading) => reading.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ""));
};

const trivially = (encoding: string, secret: string): boolean => encodings[encoding]?.(secret) === secret;

describe("a secret in an encoding", () => {
  const cases = Object.keys(encodings).flatMap((encoding) =>
    [card, key, pem].filter((secret) => !trivially(encoding, secret)).map((secret) => [encoding, secret] as const),
  );

  it.each(cases)("does not survive as %s, whatever the cut: %j", (encoding, secret) => {
    const written = encodings[encoding]?.(secret) ?? "";
    const text = `It says ${written} there.`;
    const whole = seeing.mask(text);
    expect(whole).toMatch(/\[(CARD|AWS_KEY|PEM)\]/);
    expect(whole.startsWith("It says ")).toBe(true);
    expect(whole.endsWith(" there.")).toBe(true);
    expect(readings(text).some((reading) => reading.includes(secret))).toBe(true);
    expect(readings(whole).filter((reading) => [0, 4, 8].some((at) => reading.includes(secret.slice(at, at + 8))))).toEqual([]);
    for (let cut = 0; cut <= text.length; cut++) expect(masked([text.slice(0, cut), text.slice(cut)])).toBe(whole);
    for (const length of [1, 2, 3, 5, 7]) expect(masked(piecesOf(text, length))).toBe(whole);
  });

  it("is found where only its context, or only itself, is encoded", () => {
    expect(seeing.mask("pass%77ord = hunter2000 x")).toBe("pass%77ord = [PASSWORD] x");
    expect(seeing.mask("password = hun%74er2000 x")).toBe("password = [PASSWORD] x");
    expect(seeing.mask("pass\u200bword: hunter2000 x")).toBe("pass\u200bword: [PASSWORD] x");
  });

  it("is looked for one level deep", () => {
    const twice = base64(base64(`the key is ${key}, twice`));
    expect(seeing.mask(twice)).toBe(twice);
  });
});

describe("what views leave alone", () => {
  it("pictures, sounds, films and fonts in data URLs", () => {
    const url = `data:image/png;base64,${base64(`not really a picture: ${key}`)}`;
    expect(seeing.mask(`<img src="${url}">`)).toBe(`<img src="${url}">`);
    for (const length of [1, 4, 30]) expect(masked(piecesOf(url, length))).toBe(url);
  });

  it("but not text in data URLs", () => {
    expect(seeing.mask(`data:text/plain;base64,${base64(`the key: ${key}!`)}`)).toContain("[AWS_KEY]");
  });

  it("a blob without anything alive in it: it is not held, however long", () => {
    const blob = Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * 7919 + (index >> 3)) % 31)).toString("base64");
    const masker = compile([detectors[0] ?? { name: "none", pattern: "x" }], { plain: viewLanes }).open("plain");
    let most = 0;
    let out = "";
    for (const piece of piecesOf(blob, 1000)) {
      out += masker.push(piece);
      most = Math.max(most, masker.held);
    }
    expect(out + masker.finish()).toBe(blob);
    expect(most).toBeLessThanOrEqual(2);
  });
});

/** Pieces that wake views, keep them awake, and let them rest, beside secrets whole and in part. */
const fragment = fc.constantFrom(
  "the quick brown fox ",
  "jumps. ",
  " ",
  "\n",
  "4111",
  " 1111",
  "1111",
  card,
  key,
  "AKIA",
  "IOSFODNN7",
  "EXAMPLE ",
  "joe@",
  "example",
  ".com ",
  "password = ",
  "hunter2000",
  "%",
  "%4",
  "%41",
  "%2",
  "0",
  "%E2%82%AC",
  "%E2",
  "\\",
  "\\n",
  "\\u",
  "\\u0041",
  "\\u00",
  "34",
  "\u200b",
  "\u00ad",
  "４",
  "１１１１",
  "\u{1d7ce}",
  "\ud835",
  "\udb40",
  "😀",
  "\u2011",
  base64(`x ${key} y and more`),
  base64(card).slice(0, 15),
  "QUtJQUlP",
  "data:image/png;base64,",
  "-----BEGIN PRIVATE KEY-----",
  "\\nMIIB",
  '"',
  "/",
  "-",
);
const mixedText = fc.array(fragment, { maxLength: 40 }).map((fragments) => fragments.join(""));

describe("the law of chunks, with views", () => {
  it("holds for every cut of mixed texts", () => {
    fc.assert(
      fc.property(mixedText, someCuts, (text, cuts) => {
        const whole = masked([text]);
        expect(masked(cutAt(text, cuts))).toBe(whole);
        expect(masked([...text].flatMap((point) => Array.from({ length: point.length }, (_, at) => point.charAt(at))))).toBe(whole);
      }),
      { numRuns: 1500 },
    );
  });

  it("holds where a secret beyond the cap is swallowed in the text or in a view", () => {
    for (const long of [
      `-----BEGIN PRIVATE KEY-----${"\\nMIIBabcd".repeat(1500)} `,
      `-----BEGIN PRIVATE KEY-----${"\nMIIBabcd".repeat(1500)}%41 tail ${card}`,
      `-----BEGIN PRI%56ATE KEY-----${"\nMIIBabcd".repeat(1500)}! ${card} end`,
    ]) {
      const whole = masked([long]);
      expect(whole.length).toBeLessThan(200);
      for (const length of [1, 64, 4097]) expect(masked(piecesOf(long, length))).toBe(whole);
    }
  });

  it("holds where a view is shown again what was masked and released before it woke", () => {
    const program = compile(
      [
        { name: "ab", pattern: "a+b" },
        { name: "late", pattern: "k[^z]{0,40}(?<secret>zz)" },
      ],
      { plain: viewLanes },
    );
    const text = "k ab 1 １ zz";
    expect(masked([text], program)).toBe("k [AB] 1 １ [LATE]");
    expect(masked([...text], program)).toBe("k [AB] 1 １ [LATE]");
  });

  it("holds where a view that was shown released text is still awake when another wakes", () => {
    const program = compile(
      [
        { name: "context", pattern: "(?:(?:.[^b]|[^b][ab])ab(?<secret>(?:b1*?\\w|[a1])a)\\b)(?=-|$)" },
        { name: "three", pattern: "(?:-?[^ ][^b]|a1)+?[^ ]" },
      ],
      { plain: viewLanes },
    );
    const text = 'LE"%E2\udb40';
    for (let cut = 0; cut <= text.length; cut++)
      expect(masked([text.slice(0, cut), text.slice(cut)], program)).toBe(masked([text], program));
  });

  it("views only add: what the text alone shows is masked with them too", () => {
    fc.assert(
      fc.property(mixedText, (text) => {
        const covered = new Uint8Array(text.length);
        for (const { start, end } of seeing.spans(text)) covered.fill(1, start, end);
        for (const { start, end } of blind.spans(text)) expect(covered.subarray(start, end).every((unit) => unit === 1)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it("text without anything to derive is masked as without views", () => {
    const plain = fc.array(
      fc.constantFrom(
        "the quick ",
        "4111 1111 ",
        "1111 1111",
        ". ",
        key,
        " ",
        "joe@example.com",
        "AKIA",
        "password: ",
        "hunter2000 ",
        "\n",
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(plain, someCuts, (fragments, cuts) => {
        const text = fragments.join(" ");
        expect(masked(cutAt(text, cuts))).toBe(masked([text], blind));
      }),
      { numRuns: 800 },
    );
  });
});
