import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);

const read = (document: string): string => readFileSync(join(root, document), "utf8");

/** Targets of Markdown links that point into the repository, resolved from the document's own folder. */
const linked = (document: string): readonly string[] =>
  [...read(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(document), target)));

/** Test files and folders named in the text, as `test/…`. */
const namedTests = (document: string): readonly string[] =>
  [...read(document).matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path ?? "");

describe.each(documents)("%s", (document) => {
  it("links only to what is there", () => {
    expect(linked(document).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("names only tests that are there", () => {
    expect(namedTests(document).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("the threat model", () => {
  it("names a test for every rule", () => {
    const rows = read("docs/threat-model.md")
      .split("\n")
      .filter((line) => line.startsWith("| ") && /`(?:src|adapters|policy)\//.test(line));
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => !row.includes("`test/"))).toEqual([]);
  });
});
