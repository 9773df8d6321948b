import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataKey } from "../../../src/sessions/data-key.ts";
import { chainStart, encodeEvent, hashOf, partsAt, placesIn } from "../../../src/sessions/event.ts";
import { MasterKey } from "../../../src/sessions/master-key.ts";
import { type StoredEvent, type Verdict, verifyEvents } from "../../../src/sessions/verify.ts";

const key = DataKey.make(new MasterKey(randomBytes(32)));
const started = Date.UTC(2026, 0, 31);

/** The events of one whole session, as the recorder writes them. */
const sessionOf = (session: string, texts: readonly string[]): StoredEvent[] => {
  let hash = chainStart;
  return texts.map((text, seq) => {
    const details =
      seq === texts.length - 1 ? ({ kind: "ended", end: { outcome: "answered", status: 200 } } as const) : ({ kind: "segment" } as const);
    const event = encodeEvent(hash, { session, seq, started, at: started + seq }, { details, text }, key);
    hash = hashOf(event);
    const [place] = placesIn(event);
    if (place === undefined) throw new Error("an event was encoded as nothing");
    return { session, seq, started, ...partsAt(event, place) };
  });
};

const sessions = fc
  .array(fc.string({ unit: "binary", maxLength: 40 }), { minLength: 2, maxLength: 6 })
  .map((texts) => sessionOf("session-a", texts));

const sound = (verdict: Verdict): boolean => verdict.findings.length === 0 && verdict.open.length === 0;

describe("the chain of a session", () => {
  it("verifies when nothing was touched", async () => {
    await fc.assert(
      fc.asyncProperty(sessions, async (events) => {
        const other = sessionOf("session-b", ["x", "y"]);
        expect(await verifyEvents([...events, ...other])).toEqual({ sessions: 2, events: events.length + 2, open: [], findings: [] });
      }),
    );
  });

  it("shows any flipped bit of any event's hash, header or body", async () => {
    const pick = fc.tuple(sessions, fc.nat(), fc.constantFrom("hash", "header", "body"), fc.nat());
    await fc.assert(
      fc.asyncProperty(pick, async ([events, which, part, bit]) => {
        const victim = events[which % events.length];
        if (victim === undefined || victim[part].length === 0) return;
        const bytes = Buffer.from(victim[part]);
        const at = Math.floor(bit / 8) % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit % 8)), at);
        const changed = events.map((event) => (event === victim ? { ...event, [part]: bytes } : event));
        expect(sound(await verifyEvents(changed))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("shows any removed, repeated or exchanged event, and names the session", async () => {
    await fc.assert(
      fc.asyncProperty(sessions, fc.nat(), fc.constantFrom("remove", "repeat", "exchange"), async (events, which, how) => {
        const at = which % events.length;
        const changed = [...events];
        if (how === "remove") changed.splice(at, 1);
        else if (how === "repeat") changed.splice(at, 0, ...events.slice(at, at + 1));
        else
          changed.splice(at % (events.length - 1), 2, ...events.slice(at % (events.length - 1), (at % (events.length - 1)) + 2).reverse());
        const verdict = await verifyEvents(changed);
        expect(sound(verdict)).toBe(false);
        expect([...verdict.open, ...verdict.findings.map(({ session }) => session)]).toContain("session-a");
      }),
    );
  });

  it("shows an event that was made up and put in, with a hash of its own", async () => {
    await fc.assert(
      fc.asyncProperty(sessions, fc.nat(), async (events, which) => {
        const at = which % events.length;
        const before = events[at - 1];
        const hash = before === undefined ? chainStart : Buffer.from(before.hash).toString("latin1");
        const content = { details: { kind: "segment" }, text: "made up" } as const;
        const event = encodeEvent(hash, { session: "session-a", seq: at, started, at: started }, content, key);
        const made = placesIn(event).map((place) => ({ session: "session-a", seq: at, started, ...partsAt(event, place) }));
        expect(sound(await verifyEvents([...events.slice(0, at), ...made, ...events.slice(at)]))).toBe(false);
        expect(sound(await verifyEvents([...events.slice(0, at), ...made, ...events.slice(at + 1)]))).toBe(false);
      }),
    );
  });

  it("shows an event that was moved to another session", async () => {
    const events = sessionOf("session-a", ["one", "two"]);
    const moved = events.map((event) => ({ ...event, session: "session-b" }));
    expect(await verifyEvents(moved)).toMatchObject({
      findings: [{ problem: "the event belongs elsewhere" }, { problem: "the event belongs elsewhere" }],
    });
  });

  it("keeps texts exactly, sealed to their header", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const [event] = sessionOf("session-a", [text, ""]);
        if (event === undefined) throw new Error("a session without events");
        const [header, body] = [Buffer.from(event.header), Buffer.from(event.body)];
        expect(key.openBody(body, header)).toBe(text);
        header.writeUInt8(header.readUInt8(0) ^ 1, 0);
        expect(() => key.openBody(body, header)).toThrow();
      }),
    );
  });
});
