import { describe, expect, it } from "vitest";
import { compile, type Detector, laneOptions, PatternError } from "../../../../policy/masking/index.ts";

const named = (pattern: string, more: Partial<Detector> = {}): Detector => ({ name: "secret-thing", pattern, ...more });
const mask = (detector: Detector, text: string): string => compile([detector]).mask(text);

/** The position and message of the refusal of a pattern. */
function refusal(pattern: string, flags = ""): { position: number; message: string } {
  try {
    compile([named(pattern, { flags })]);
  } catch (thrown) {
    if (thrown instanceof PatternError) return { position: thrown.position, message: thrown.message };
    throw thrown;
  }
  throw new Error("the pattern was accepted");
}

describe("patterns outside the subset are refused with their position:", () => {
  it.each([
    ["(a)b\\1", "", 4, "back-reference"],
    ["ab(?=cd)", "", 2, "look-around"],
    ["x(?<!a+)y", "", 1, "look-around"],
    ["ab(a*)*", "", 2, "empty"],
    ["x{1001}", "", 0, "1001"],
    ["(?:a{1000}){11}", "", 3, "too large"],
    ["ab[c", "", 4, "unterminated"],
    ["(?i)a(", "", 6, "unterminated group"],
    ["\\p{Nonsense}", "u", 11, "property name"],
    ["a", "g", 0, 'unknown flag "g"'],
    ["(?:(?<secret>a)b)+", "", 3, "repetition"],
  ])("%s", (pattern, flags, position, message) => {
    const refused = refusal(pattern, flags);
    expect(refused.message).toContain(message);
    expect(refused.position).toBe(position);
  });

  it("names the detector", () => {
    expect(() => compile([named("(a)\\1")])).toThrow(expect.objectContaining({ detector: "secret-thing" }));
  });
});

describe("a secret group", () => {
  const password = named("password\\s*=\\s*(?<secret>\\w+)(?:;|$)");

  it("is masked alone, with what stands before and after it kept", () => {
    expect(mask(password, "my password = hunter2; ok")).toBe("my password = [SECRET_THING]; ok");
  });

  it("is not masked where what must follow it does not", () => {
    expect(mask(password, "my password = hunter2, ok")).toBe("my password = hunter2, ok");
  });

  it("covers nothing where it took no part in the match", () => {
    expect(mask(named("a(?<secret>b)|ac"), "ab ac")).toBe("a[SECRET_THING] ac");
  });

  it("is what the validator sees", () => {
    const seen: string[] = [];
    const validator = () => {
      let text = "";
      return {
        push: (unit: number) => {
          text += String.fromCharCode(unit);
        },
        accepts: () => {
          seen.push(text);
          return text === "yes";
        },
      };
    };
    expect(mask(named("k=(?<secret>\\w+)", { validator }), "k=yesno k=no")).toBe("k=[SECRET_THING]no k=no");
    expect(seen.every((text) => /^\w+$/.test(text))).toBe(true);
  });
});

describe("a validator", () => {
  it("is fed every unit of a candidate once, so that long words cost linear time", () => {
    let pushes = 0;
    const validator = () => ({ push: () => void pushes++, accepts: () => false });
    compile([named("(?<!\\w)\\w+", { validator })]).mask("a".repeat(5000));
    expect(pushes).toBe(5000);
  });

  it("that fails leaves the text to a later start", () => {
    const validator = () => {
      let first = -1;
      return {
        push: (unit: number) => {
          if (first < 0) first = unit;
        },
        accepts: () => first === 0x34,
      };
    };
    expect(mask(named("\\d[\\d ]{3,}\\d", { validator }), "12 4111 1")).toBe("12 [SECRET_THING]");
  });
});

describe("at the end of a lane", () => {
  const key = named("-----BEGIN KEY-----[\\s\\S]*?-----END KEY-----", { block: true });
  const token = named("\\btok_[a-z0-9]{20}", { credential: true });

  it("a block that began is masked, and one that only may have begun is not", () => {
    expect(mask(key, "x -----BEGIN KEY-----\nabc")).toBe("x [SECRET_THING]");
    expect(mask(key, "a rule: -----")).toBe("a rule: -----");
  });

  it("an unfinished credential is released when generation was complete, masked when it was cut", () => {
    for (const [complete, out] of [
      [true, "tok_abc1"],
      [false, "[SECRET_THING]"],
    ] as const) {
      const masker = compile([token]).open("plain");
      expect(masker.push("a tok_abc1") + masker.finish({ complete })).toBe(`a ${out}`);
    }
  });

  it("a public prefix says nothing and is released though generation was cut", () => {
    const masker = compile([token]).open("plain");
    expect(masker.push("a tok_") + masker.finish({ complete: false })).toBe("a tok_");
  });
});

describe("the replacement", () => {
  it("is the label, the fixed text, or the last characters, at most a third", () => {
    expect(mask(named("\\d+", { label: "NUMBER" }), "12")).toBe("[NUMBER]");
    expect(mask(named("\\d+", { replace: { kind: "fixed", text: "#" } }), "12")).toBe("#");
    expect(mask(named("\\d+", { replace: { kind: "keep-last", count: 4 } }), "123456789012")).toBe("***9012");
    expect(mask(named("\\d+", { replace: { kind: "keep-last", count: 4 } }), "1234567")).toBe("***67");
  });

  it("is a keyed hash only of secrets that cannot be guessed, and only with a key", () => {
    const hashed = named("\\w{16}", { replace: { kind: "hash", bits: 80 } });
    const hash = (secret: string): string => Buffer.from(secret).toString("hex");
    expect(compile([hashed], { hash }).mask("abcdefghijklmnop")).toBe("[SECRET_THING:616263646566]");
    expect(() => compile([hashed])).toThrow(PatternError);
    expect(() => compile([named("\\d{4}", { replace: { kind: "hash", bits: 13 } })], { hash })).toThrow(/at least 64 bits/);
  });

  it("is named after the detector of highest priority where spans overlap", () => {
    const detectors = [named("bcd", { name: "first" }), named("abc", { name: "second" })];
    expect(compile(detectors).mask("abcd abc")).toBe("[FIRST] [SECOND]");
    expect(compile(detectors).spans("abcd abc")).toEqual([
      { start: 0, end: 4, detector: "first" },
      { start: 5, end: 8, detector: "second" },
    ]);
  });
});

describe("programs", () => {
  it("take the longest of their keywords, thousands of them", () => {
    const keywords = Array.from({ length: 5000 }, (_, index) => `project-${index}`);
    expect(mask({ name: "code", pattern: "", keywords }, "see project-4999 and project-49x")).toBe("see [CODE] and [CODE]x");
  });

  it("tell more than 250 classes of characters apart", () => {
    const detectors = Array.from({ length: 300 }, (_, index) => named(`${String.fromCharCode(0x4e00 + index)}{2}`, { name: `c-${index}` }));
    expect(compile(detectors).mask("一一 \u4f2b\u4f2b \u4f2b")).toBe("[C_0] [C_299] \u4f2b");
  });

  it("have a hash that changes with anything that changes an output", () => {
    const hash = (detector: Detector): string => compile([detector]).hash;
    expect(hash(named("a"))).toBe(hash(named("a")));
    const different = [named("a"), named("b"), named("a", { flags: "i" }), named("a", { label: "X" }), named("a", { credential: true })];
    expect(new Set(different.map(hash)).size).toBe(different.length);
  });

  it("are empty without detectors, and pass everything", () => {
    const program = compile([]);
    expect(program.empty).toBe(true);
    expect(program.mask("anything")).toBe("anything");
  });
});

describe("the cap of the law", () => {
  it("cannot be changed where lanes and views count on it", () => {
    expect(() => compile([named("a+")], { capUnits: 100 })).not.toThrow();
    expect(() => compile([named("a+")], { ...laneOptions(), capUnits: 100 })).toThrow(RangeError);
  });
});
