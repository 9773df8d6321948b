import { describe, expect, it } from "vitest";
import { compile, compileKeys, laneOptions } from "../../../../policy/masking/index.ts";

const mask = (keys: readonly string[], json: string): string => {
  const program = compile([], laneOptions(keys));
  const whole = program.mask(json, "json");
  const masker = program.open("json");
  expect([...json].map((unit) => masker.push(unit)).join("") + masker.finish()).toBe(whole);
  return whole;
};

describe("masking by key and path", () => {
  it.each([
    ["ssn", '{"ssn":"1","a":[{"SSN":2}],"ssnx":3}', '{"ssn":"[SSN]","a":[{"SSN":"[SSN]"}],"ssnx":3}'],
    ["$.patient.*.dob", '{"patient":[{"dob":"x"}],"dob":"y"}', '{"patient":[{"dob":"[DOB]"}],"dob":"y"}'],
    ["**.password", '{"password":{"a":[1,"]}"]},"b":1}', '{"password":"[PASSWORD]","b":1}'],
    ["$..token", '{"x":{"token":null}}', '{"x":{"token":"[TOKEN]"}}'],
    ["patient.dob", '{"x":{"patient":{"dob":1}},"dob":2}', '{"x":{"patient":{"dob":"[DOB]"}},"dob":2}'],
    ["$['date of birth'][0]", '{"date of birth":[1,2]}', '{"date of birth":["[DATE_OF_BIRTH]",2]}'],
    ["$.list[*]", '{"list":["a",{}]}', '{"list":["[LIST]","[LIST]"]}'],
    ["dateOfBirth", '{"dateOfBirth":""}', '{"dateOfBirth":"[DATE_OF_BIRTH]"}'],
    ["$['*']", '{"*":1,"a":2}', '{"*":"[_]","a":2}'],
  ])("%s in %s", (key, json, wanted) => {
    expect(mask([key], json)).toBe(wanted);
  });

  it("sees through escapes in keys, masks both of two equal keys, and every line of NDJSON", () => {
    expect(mask(["ssn"], '{"\\u0073sn":"a\\"b","ssn":1}\n{"ssn":[]}\n')).toBe('{"\\u0073sn":"[SSN]","ssn":"[SSN]"}\n{"ssn":"[SSN]"}\n');
  });

  it("emits the replacement of a string at once and holds nothing of it", () => {
    const masker = compile([], laneOptions(["ssn"])).open("json");
    expect(masker.push('{"ssn":"12')).toBe('{"ssn":"[SSN]');
    expect(masker.held).toBe(0);
    expect(masker.push("34")).toBe("");
    expect(masker.push('5"}')).toBe('"}');
  });

  it("does not let a value out that breaks off as JSON inside", () => {
    expect(mask(["ssn"], '{"ssn":{a: 123-45-6789}, "b": 1}')).toBe('{"ssn":"[SSN]", "b": 1}');
    expect(mask(["ssn"], '{"ssn":{"a": 123')).toBe('{"ssn":"[SSN]"');
  });

  it("replaces what is nested deeper than it follows", () => {
    const deep = `${'{"a":'.repeat(400)}1${"}".repeat(400)}`;
    const masked = mask(["ssn"], deep);
    expect(JSON.stringify(JSON.parse(masked))).toContain('"[TOO_DEEP]"');
    expect(mask([], "[".repeat(100_000))).toBe(`${"[".repeat(256)}"[TOO_DEEP]"`);
  });

  it("replaces a number that is too long to be held", () => {
    const program = compile([{ name: "card", pattern: "\\d{16}" }], laneOptions([]));
    const json = `{"n":${"7".repeat(20_000)}}`;
    expect(program.mask(json, "json")).toBe('{"n":"[NUMBER]"}');
    const masker = program.open("json");
    let most = 0;
    let out = "";
    for (let at = 0; at < json.length; at += 100) {
      out += masker.push(json.slice(at, at + 100));
      most = Math.max(most, masker.held);
    }
    expect(out + masker.finish()).toBe('{"n":"[NUMBER]"}');
    expect(most).toBeLessThan(8192 + 100);
  });

  it.each([
    ["", 0],
    ["$", 1],
    ["a..", 1],
    ["a[", 1],
    ["$.a[x]", 3],
    ["a.'b'", 1],
  ])("refuses %j at %i", (path, position) => {
    expect(() => compileKeys([path])).toThrow(expect.objectContaining({ position, detector: path }));
  });

  it("makes programs differ that mask differently", () => {
    expect(compile([], laneOptions(["a"])).hash).not.toBe(compile([], laneOptions(["b"])).hash);
    expect(compile([], laneOptions([])).empty).toBe(true);
    expect(compile([], laneOptions(["a"])).empty).toBe(false);
  });
});
