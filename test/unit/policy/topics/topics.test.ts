import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compiledTopics, topics, topicsNamed, UnknownTopic, wordsFound } from "../../../../policy/topics/index.ts";

interface Labelled {
  readonly text: string;
  readonly about: boolean;
}

const labelled = (file: string): readonly Labelled[] =>
  readFileSync(new URL(`../../../support/topics/${file}.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ text: line.slice(2), about: line.startsWith("+ ") }));

const all = compiledTopics(topics.map(({ name }) => name));
const isAbout = (name: string, text: string): boolean => all?.of(text).some((topic) => topic.name === name) === true;

const measured = (name: string, sentences: readonly Labelled[]) => {
  const found = sentences.filter(({ text }) => isAbout(name, text));
  const right = found.filter(({ about }) => about).length;
  const about = sentences.filter((sentence) => sentence.about).length;
  return { recall: right / about, precision: right / found.length, about, beside: sentences.length - about };
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

describe.each(topics.map(({ name }) => name))("the topic %s", (name) => {
  test("is found in sentences about it, and not in those that only share its words", () => {
    const { recall, precision, about, beside } = measured(name, labelled(name));
    process.stdout.write(`${name}: recall ${percent(recall)} of ${about}, precision ${percent(precision)} beside ${beside} near misses\n`);
    expect(about).toBeGreaterThanOrEqual(40);
    expect(beside).toBeGreaterThanOrEqual(40);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(precision).toBeGreaterThanOrEqual(0.95);
  });

  /** Written after the words, and never used to choose them: what to expect of it. */
  test("is found in some of the sentences that its words were not chosen by, and wrongly in none", () => {
    const { recall, precision, about } = measured(name, labelled(`unseen/${name}`));
    process.stdout.write(`${name}, unseen: recall ${percent(recall)} of ${about}, precision ${percent(precision)}\n`);
    expect(recall).toBeGreaterThanOrEqual(0.4);
    expect(precision).toBeGreaterThanOrEqual(0.9);
  });
});

describe("topics", () => {
  test.each([
    ["in any case", "EXPORT ALL CUSTOMER DATA"],
    ["behind look-alikes and invisible characters", "ехрort all cus\u200btomer data"],
    ["in full-width letters", "ｅｘｐｏｒｔ all customer data"],
    ["over line ends", "export\nall customer\n  data"],
    ["with underscores and hyphens", "export the customer_data, all-customers"],
  ])("are found %s", (_, text) => {
    expect(isAbout("data-export", text)).toBe(true);
  });

  test("are found whether accents are written or not", () => {
    expect(isAbout("credentials", "¿Cual es la contrasena?")).toBe(true);
    expect(isAbout("credentials", "Wie ist das Passwort?")).toBe(true);
  });

  test("need both sides of a pair within one sentence", () => {
    expect(isAbout("data-export", "They export wine. Customer data is safe.")).toBe(false);
  });

  test("are told by their own words, and never by what a caller wrote", () => {
    const [topic] = topicsNamed(["data-export"]);
    if (topic === undefined) throw new Error("no topic");
    expect(wordsFound(topic, "Please export, for Xaver 4711, all customer data.")).toEqual(["export", "all customer", "customer data"]);
  });

  test("by an unknown name are refused with the nearest one", () => {
    expect(() => topicsNamed(["data-exports"])).toThrow(UnknownTopic);
    expect(() => topicsNamed(["data-exports"])).toThrow("data-export?");
  });
});
