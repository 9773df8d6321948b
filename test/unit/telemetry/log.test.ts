import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/envelope/error.ts";
import { createLog, type LogFields, type LogLevel } from "../../../src/telemetry/index.ts";

const secret = "AKIAIOSFODNN7EXAMPLE";

const logged = (fields: object, level: LogLevel = "info"): Record<string, unknown> | undefined => {
  const lines: string[] = [];
  createLog({ level, destination: { write: (line) => lines.push(line) } }).info(fields as LogFields, "A sentence.");
  return lines[0] === undefined ? undefined : (JSON.parse(lines[0]) as Record<string, unknown>);
};

describe("a log line", () => {
  it("is one JSON object with the moment, the level and the fields", () => {
    const line = logged({ session: "ab12", status: 200, connection: undefined });
    expect(line).toEqual({ level: "info", time: expect.stringMatching(/^\d{4}-.*Z$/), session: "ab12", status: 200, msg: "A sentence." });
  });

  it("drops every field that is not listed, and values of another type", () => {
    const line = logged({
      body: secret,
      query: secret,
      authorization: secret,
      session: { secret },
      status: secret,
      __proto__: null,
      toString: secret,
    });
    expect(JSON.stringify(line)).not.toContain(secret);
    expect(Object.keys(line ?? {}).sort()).toEqual(["level", "msg", "time"]);
  });

  it("cuts long values", () => expect(String(logged({ note: "x".repeat(100_000) })?.note)).toHaveLength(201));

  it("keeps a line break in a value from making a second line", () => {
    const lines: string[] = [];
    createLog({ destination: { write: (line) => lines.push(line) } }).warn({ note: 'a\n{"level":"error"}' }, "A sentence.");
    expect(lines.join("").trimEnd().split("\n")).toHaveLength(1);
  });

  it("tells of an error what it is and where, never its message or its causes' messages", () => {
    let parsing: unknown;
    try {
      JSON.parse(`{"key": ${secret}`);
    } catch (thrown) {
      parsing = thrown;
    }
    const line = logged({ err: new GatewayError("internal", `about ${secret}`, { cause: parsing, note: "a note" }) });
    expect(JSON.stringify(line)).not.toContain(secret);
    expect(line?.err).toMatchObject({ name: "GatewayError", reason: "internal", note: "a note", cause: { name: "SyntaxError" } });
  });

  it("survives errors that are no errors, and errors that cause themselves", () => {
    const own = new Error("own");
    own.cause = own;
    expect(logged({ err: secret })?.err).toEqual({ name: "string" });
    expect(logged({ err: own })).toBeDefined();
  });

  it("is not written below the log's level", () => expect(logged({}, "error")).toBeUndefined());
});
