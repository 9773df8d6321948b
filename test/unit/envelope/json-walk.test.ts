import { describe, expect, it } from "vitest";
import { compilePaths, JsonError, type JsonVisitor, walkJson } from "../../../src/envelope/json/index.ts";

const refusal = (text: string, options: Parameters<typeof walkJson>[2] = {}): Pick<JsonError, "problem" | "offset"> | undefined => {
  try {
    walkJson(text, {}, options);
  } catch (thrown) {
    if (thrown instanceof JsonError) return { problem: thrown.problem, offset: thrown.offset };
    throw thrown;
  }
  return undefined;
};

const tokens = (text: string): string[] => {
  const seen: string[] = [];
  const visitor: JsonVisitor<never> = {
    key: (at) => seen.push(`key ${at.raw()} at ${at.path().join("/")}`),
    value: (at) => seen.push(`${at.kind} ${at.raw()} at ${at.path().join("/")}`),
    enter: (at) => seen.push(`enter ${at.kind} ${at.start}`),
    leave: (at) => seen.push(`leave ${at.kind} ${at.raw()}`),
  };
  walkJson(text, visitor);
  return seen;
};

describe("walking a JSON text", () => {
  it("shows every token in order with its path", () => {
    expect(tokens('{"a":[1,"x"],"b":{"c":null}}')).toEqual([
      "enter object 0",
      'key "a" at a',
      "enter array 5",
      "number 1 at a/0",
      'string "x" at a/1',
      'leave array [1,"x"]',
      'key "b" at b',
      "enter object 17",
      'key "c" at b/c',
      "null null at b/c",
      'leave object {"c":null}',
      'leave object {"a":[1,"x"],"b":{"c":null}}',
    ]);
  });

  it("gives strings and keys unescaped", () => {
    const seen: (string | undefined)[] = [];
    walkJson('{"\\u0061\\n":"\\ud83d\\ude00\\ud800"}', { key: (at) => seen.push(at.string()), value: (at) => seen.push(at.string()) });
    expect(seen).toEqual(["a\n", "😀\ud800"]);
  });

  it.each([
    ['{"a":1,"a":2}', '"a":2'],
    ['{"a":1,"\\u0061":2}', '"\\u0061"'],
    ['[{"x":{"k":1,"b":2,"k":3}}]', '"k":3'],
    [`{${Array.from({ length: 40 }, (_, index) => `"k${index}":0`).join()},"k7":1}`, '"k7":1'],
  ])("refuses a duplicate key in %s", (text, second) => {
    expect(refusal(text)).toEqual({ problem: "duplicate-key", offset: text.indexOf(second) });
  });

  it("lets sibling and nested objects share their keys", () => {
    expect(refusal('[{"a":{"a":{"a":1}}},{"a":2}]')).toBeUndefined();
  });

  it("tells lone surrogates apart and takes them for what they are", () => {
    expect(refusal('{"\\ud800":1,"\\udc00":2,"\ud801":3}')).toBeUndefined();
    expect(refusal('{"\\ud800":1,"\ud800":2}')).toEqual({ problem: "duplicate-key", offset: 12 });
  });

  it.each([
    ["", 0],
    ["{", 1],
    ["[1,]", 3],
    ['{"a":1,}', 7],
    ["[1 2]", 3],
    ['{"a" 1}', 5],
    ["01", 1],
    ["1.", 2],
    ["-", 1],
    ["1e+", 3],
    [".5", 0],
    ["tru", 3],
    ["nul1", 3],
    ['"a\nb"', 2],
    ['"\\x"', 2],
    ['"\\u12g4"', 5],
    ['"abc', 4],
    ["1 1", 2],
    ["]", 0],
    ["[}", 1],
    ["\ufeff{}", 0],
    ["{'a':1}", 1],
    ["NaN", 0],
  ])("refuses %j at its first fault", (text, offset) => {
    expect(refusal(text)).toEqual({ problem: "syntax", offset });
  });

  it("refuses a text of 100,000 open brackets at the depth limit", () => {
    expect(refusal("[".repeat(100_000))).toEqual({ problem: "too-deep", offset: 128 });
  });

  it("walks 100,000 levels without recursion where the limit allows it", () => {
    const depth = 100_000;
    const limits = { depth, keys: depth };
    expect(refusal("[".repeat(depth) + "]".repeat(depth), { limits })).toBeUndefined();
    expect(refusal(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`, { limits })).toBeUndefined();
  });

  it("refuses more keys than its limit", () => {
    expect(refusal('{"a":{"b":1},"c":2}', { limits: { depth: 8, keys: 2 } })).toEqual({ problem: "too-many-keys", offset: 13 });
  });

  it("keeps the document's text out of its errors", () => {
    expect(() => walkJson('{"secret":hunter2}', {})).toThrowError(/^This is not valid JSON \(at offset 10\)\.$/);
  });
});

describe("a path table beside the walk", () => {
  const tags = (paths: Readonly<Record<string, string>>, text: string, caseless = false): string[] => {
    const seen: string[] = [];
    const see: JsonVisitor<string>["value"] = (at) => at.tag !== undefined && seen.push(`${at.path().join(".")}=${at.tag}`);
    walkJson<string>(text, { value: see, enter: see }, { table: compilePaths(paths, { caseless }) });
    return seen;
  };

  it("matches keys, indices, single wildcards and any depth", () => {
    const text = '{"a":{"x":1,"y":{"x":2}},"b":[{"x":3},4],"x":5}';
    expect(tags({ "a.x": "t" }, text)).toEqual(["a.x=t"]);
    expect(tags({ "*.x": "t" }, text)).toEqual(["a.x=t"]);
    expect(tags({ "b.0.x": "t", "b.1": "u" }, text)).toEqual(["b.0.x=t", "b.1=u"]);
    expect(tags({ "**.x": "t" }, text)).toEqual(["a.x=t", "a.y.x=t", "b.0.x=t", "x=t"]);
    expect(tags({ "a.**": "t" }, text)).toEqual(["a=t", "a.x=t", "a.y=t", "a.y.x=t"]);
    expect(tags({ "": "root" }, "7")).toEqual(["=root"]);
  });

  it("prefers the path listed first", () => {
    expect(tags({ "a.*": "wild", "a.b": "named" }, '{"a":{"b":1}}')).toEqual(["a.b=wild"]);
    expect(tags({ "a.b": "named", "a.*": "wild" }, '{"a":{"b":1,"c":2}}')).toEqual(["a.b=named", "a.c=wild"]);
  });

  it("takes escaped dots and stars literally, and case as it is told", () => {
    expect(tags({ "a\\.b": "dot", "\\*": "star" }, '{"a.b":1,"*":2,"c":3}')).toEqual(["a.b=dot", "*=star"]);
    expect(tags({ "**.Password": "p" }, '{"PASSWORD":1,"x":{"password":2}}', true)).toEqual(["PASSWORD=p", "x.password=p"]);
  });

  it("tells the keys that a path spells out from those that a wildcard takes in", () => {
    const named: string[] = [];
    const table = compilePaths({ "a.*.x": 1, "b.c": 2 });
    walkJson('{"a":{"AKIA":{"x":1,"y":2}},"b":{"c":3},"d":4}', { key: (at) => at.named && named.push(at.string() ?? "") }, { table });
    expect(named).toEqual(["a", "x", "b", "c"]);
  });

  it("refuses tables that multiply beyond reason", () => {
    expect(() => compilePaths({ [`**.a${".*".repeat(20)}`]: 1 })).toThrow(RangeError);
  });

  it("does not take keys for properties of objects", () => {
    expect(tags({ a: "t" }, '{"__proto__":1,"constructor":2,"a":3}')).toEqual(["a=t"]);
  });
});
