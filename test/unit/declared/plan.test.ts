import { describe, expect, it } from "vitest";
import type { Wish } from "../../../src/declared/index.ts";
import { type OpenObject, outcomeOf, planChanges } from "../../../src/declared/plan.ts";

const key = { header: "x-key", value: "secret" };
const document = (origin: string, more: object = {}) => ({ protocol: "openai", upstream: `${origin}/v1`, ...more });

const wish = (name: string, of: Wish["document"], credential?: Wish["credential"]): Wish => ({
  kind: "connection",
  name,
  document: of,
  credential,
});
const known = (name: string, of: Wish["document"], credential?: Wish["credential"]): OpenObject => ({
  ...wish(name, of, credential),
  revision: "1",
  updatedAt: new Date(0),
  updatedBy: "root",
});

const one = "https://one.example.com";
const other = "https://other.example.com";

/** What becomes of an object, and of its credential. */
const becomes = (before: OpenObject, after: Wish): readonly unknown[] => {
  const [change] = planChanges([before], [after], false);
  return change?.action === "delete" ? [change.action] : [change?.action, change?.credential, change?.after.credential?.value];
};

describe("a wish for a connection", () => {
  it.each([
    [
      "the same again, in another order of keys",
      known("a", document(one), key),
      wish("a", { upstream: `${one}/v1`, protocol: "openai" }),
      ["unchanged", "kept", "secret"],
    ],
    ["the same with its credential", known("a", document(one), key), wish("a", document(one), { ...key }), ["unchanged", "kept", "secret"]],
    [
      "another path of the same origin",
      known("a", document(one), key),
      wish("a", document(one, { upstream: `${one}/v2` })),
      ["update", "kept", "secret"],
    ],
    [
      "the same origin, written otherwise",
      known("a", document(one), key),
      wish("a", document("HTTPS://ONE.example.com:443")),
      ["update", "kept", "secret"],
    ],
    ["another origin", known("a", document(one), key), wish("a", document(other)), ["update", "cleared", undefined]],
    ["another scheme", known("a", document(one), key), wish("a", document("http://one.example.com")), ["update", "cleared", undefined]],
    ["another port", known("a", document(one), key), wish("a", document(`${one}:444`)), ["update", "cleared", undefined]],
    [
      "another origin with the same credential",
      known("a", document(one), key),
      wish("a", document(other), key),
      ["update", "set", "secret"],
    ],
    ["another credential", known("a", document(one), key), wish("a", document(one), { ...key, value: "new" }), ["update", "set", "new"]],
    [
      "another header",
      known("a", document(one), key),
      wish("a", document(one), { ...key, header: "api-key" }),
      ["update", "set", "secret"],
    ],
    ["a first credential", known("a", document(one)), wish("a", document(one), key), ["update", "set", "secret"]],
    ["no credential, as before", known("a", document(one)), wish("a", document(other)), ["update", "none", undefined]],
  ])("%s", (_what, before, after, expected) => expect(becomes(before, after)).toEqual(expected));

  it("creates what there is not, and names deletions last", () => {
    const changes = planChanges(
      [known("old", document(one)), known("a", document(one))],
      [wish("b", document(one), key), wish("a", document(one))],
      true,
    );
    expect(changes.map(({ action }) => action)).toEqual(["create", "unchanged", "delete"]);
  });

  it("leaves alone what nobody wished for, unless everything else is to go", () => {
    const objects = [known("old", document(one), key), known("a", document(one))];
    const names = (prune: boolean) => outcomeOf(objects, planChanges(objects, [wish("b", document(one))], prune)).map(({ name }) => name);
    expect(names(false)).toEqual(["old", "a", "b"]);
    expect(names(true)).toEqual(["b"]);
  });
});
