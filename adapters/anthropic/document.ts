/** Whole documents of the Messages API as framed text. */

import type { TokenUsage } from "../../src/envelope/message.ts";
import type { Author, Closing } from "../../src/envelope/text.ts";
import { slotInDocument } from "../shared/document.ts";
import { type Frame, type FramedMessage, quietFrame, type Slot, type SlotForm } from "../shared/frame.ts";
import { cutDocument, FrameBuilder } from "../shared/frame-builder.ts";
import type { FoundField, FoundText, Located } from "../shared/locate.ts";
import { TextRuns } from "./text-runs.ts";

/** What base64 is written with (RFC 4648), line ends included: a payload that nobody can read as text. */
const base64 = /^[A-Za-z0-9+/_=\r\n-]*$/;

const isPayload = ({ path, text }: FoundText): boolean => path.at(-1) === "data" && path.at(-2) === "source" && base64.test(text);

/** Takes out the images and documents that are base64, which only the `type` of their source tells from text. */
export const withoutPayloads = (located: Located): Located => {
  const sources = located.fields.filter(({ name, value }) => name === "source" && value === "base64");
  if (sources.length === 0) return located;
  const encoded = new Set(sources.map(({ path }) => path.slice(0, -1).join("\n")));
  const { fields, echoes, idle, visibility } = located;
  const texts = located.texts.filter((found) => !isPayload(found) || !encoded.has(found.path.slice(0, -1).join("\n")));
  if (texts.length === located.texts.length) return located;
  return { texts, fields, echoes, idle, visibility: visibility === "none" ? "none" : "partial" };
};

/** Makes the slots of a document's texts. `author` overrules what the tables say. */
export const slotMaker = (fields: readonly FoundField[], author?: (found: FoundText) => Author | undefined) => {
  const runs = new TextRuns(fields);
  return (found: FoundText, form: SlotForm): Slot => {
    const slot = slotInDocument(found, form, author?.(found));
    if (found.place === undefined) return { ...slot, author: author?.(found) ?? slot.author };
    const run = runs.laneOf(found.path);
    return run === undefined ? slot : { ...slot, lane: run };
  };
};

export interface DocumentFacts {
  readonly author?: (found: FoundText) => Author | undefined;
  readonly usage?: TokenUsage | undefined;
  /** Whether generation was cut where the text at this path ends. */
  readonly cut?: ((path: readonly (string | number)[]) => boolean) | undefined;
}

const closingsOf = (slots: readonly Slot[], cut: DocumentFacts["cut"]): readonly Closing[] =>
  cut === undefined ? quietFrame.closings : slots.filter(({ path }) => cut(path)).map((slot) => ({ lane: slot.lane, complete: false }));

/** A located document as a message. */
export const messageOf = (document: string, found: Located, facts: DocumentFacts = {}): FramedMessage => {
  const located = withoutPayloads(found);
  const builder = new FrameBuilder(document);
  cutDocument(builder, located, { slotOf: slotMaker(located.fields, facts.author), dropEchoes: false });
  const { literals, slots, texts, raws } = builder.finish();
  const frame: Frame = {
    literals,
    slots,
    visibility: located.visibility,
    usage: facts.usage,
    closings: closingsOf(slots, facts.cut),
    onlyText: false,
    ends: false,
  };
  return { frame, texts, raws, whole: document };
};
