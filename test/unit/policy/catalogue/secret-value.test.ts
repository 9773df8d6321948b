import { describe, expect, test } from "vitest";
import { notFiller } from "../../../../policy/detectors/filler.ts";
import { looksSecret } from "../../../../policy/detectors/secret-value.ts";

describe("a value behind the name of a secret", () => {
  test.each(["Tr0ubadour&3", "correct#horse", "abcdefghijklmnopqrstuvwx", "p4ss-w0rd-x", "m{{odd}}$#value"])("%s is one", (value) => {
    expect(looksSecret(value, "named")).toBe(true);
  });

  test.each([
    `\${DB_PASSWORD}`,
    "{{ vault.token }}",
    "<your-token>",
    "%DB_PASSWORD%",
    "$PASSWORD",
    "process.env.TOKEN",
    "getToken()",
    "config.database.password",
    "https://example.com/reset",
    "********",
    "changeme123",
    "xxxxxxxxxxxx",
    "required",
    "reset_password_form",
    "getMasterUserPassword",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "Uint8Array",
    "4096",
  ])("%s is none", (value) => {
    expect(looksSecret(value, "named")).toBe(false);
  });

  test("must look drawn by a machine where its name says less", () => {
    expect(looksSecret("4f9c1d77e0b2a6583c1d9e4f", "drawn")).toBe(true);
    expect(looksSecret("Tr0ubadour&3", "drawn")).toBe(false);
    expect(looksSecret("primary_key_of_the_table_2", "drawn")).toBe(false);
  });

  test("may be a word between quotes behind `password`, but no placeholder", () => {
    expect(looksSecret("dragonfly", "quoted")).toBe(true);
    expect(looksSecret("password", "quoted")).toBe(false);
  });

  test("is judged without backtracking, however odd it is", { timeout: 2000 }, () => {
    const hostile = ["a.".repeat(200), `${"aaaa.".repeat(79)}!`, "1-".repeat(200), "aA".repeat(200), "(((x".repeat(100), "a1".repeat(200)];
    const judged = hostile.flatMap((value) => (["named", "drawn", "userinfo"] as const).map((strength) => looksSecret(value, strength)));
    expect(judged).toHaveLength(18);
  });
});

describe("fillers", () => {
  const accepted = (text: string): boolean => {
    const validator = notFiller();
    for (let index = 0; index < text.length; index++) validator.push(text.charCodeAt(index));
    return validator.accepts();
  };

  test("are rows of a character that people fill with", () => {
    expect(accepted("ghp_xxxxxxxxxxxxxxxx")).toBe(false);
    expect(accepted("AKIAXXXXXXXXXXXXXXXX")).toBe(false);
    expect(accepted("hf_aaaaaaaaaaaaaaaaaaaa")).toBe(false);
  });

  test("are not the rows that encoded structures hold", () => {
    expect(accepted("JQQJ99AAAAAAAAAAAAAAAA")).toBe(true);
    expect(accepted("xoxb-11111111-x")).toBe(true);
  });
});
