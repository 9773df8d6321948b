/** Whole messages as framed text: JSON documents, other text, and bytes that cannot be read. */

import { isUtf8 } from "node:buffer";
import type { TextCodec, TokenUsage } from "../../src/envelope/message.ts";
import { type Author, type Closing, type Lane, lane } from "../../src/envelope/text.ts";
import { type Frame, type FramedMessage, framedSpans, quietFrame, rewriteFramed, type Slot, type SlotForm, wireText } from "./frame.ts";
import { cutDocument, FrameBuilder } from "./frame-builder.ts";
import type { FoundText, Located } from "./locate.ts";
import { calledTools } from "./tools.ts";

/** A message that goes on as its bytes, because nothing of it can be read. */
export interface OpaqueMessage extends FramedMessage {
  readonly bytes: Buffer;
}

/** What goes on the wire for a message. */
export const wireOf = (message: FramedMessage | OpaqueMessage): string | Buffer => ("bytes" in message ? message.bytes : wireText(message));

const segment = (part: string | number): string => {
  if (typeof part === "number") return String(part);
  return part.includes(".") ? part.replaceAll(".", "\\.") : part;
};

/** The lane of a path: its segments joined by dots, as far as `depth`. */
export const laneOfPath = (path: readonly (string | number)[], depth = path.length): Lane =>
  lane(path.slice(0, depth).map(segment).join("."));

/** The lane of a text that no table names: its own, and apart from that of the value below a key. */
export const dataLane = (found: FoundText): Lane => (found.kind === "key" ? lane(`${laneOfPath(found.path)}#key`) : laneOfPath(found.path));

/** The slot of a text in a whole message: as its table says, or data. `author` overrules the table's. */
export const slotInDocument = (found: FoundText, form: SlotForm, author?: Author): Slot => {
  const { place, path } = found;
  if (place === undefined || place.kind === "noise")
    return { lane: dataLane(found), author: "data", syntax: "plain", path, form, shown: true };
  return { lane: laneOfPath(path, place.depth), author: author ?? place.author, syntax: place.syntax, path, form, shown: true };
};

export interface DocumentOptions {
  readonly dropEchoes: boolean;
  readonly author?: (found: FoundText) => Author | undefined;
  readonly usage?: TokenUsage | undefined;
  /** Overrules the lane that the table names; asked in the document's order. */
  readonly laneOf?: (found: FoundText) => Lane | undefined;
  /** Whether generation was cut where the text at this path ends; absent: nothing was generated, or all of it is there. */
  readonly cut?: ((path: readonly (string | number)[]) => boolean) | undefined;
}

const cutLanes = (slots: readonly Slot[], cut: NonNullable<DocumentOptions["cut"]>): readonly Closing[] =>
  slots.filter(({ author, path }) => author !== "data" && cut(path)).map((slot) => ({ lane: slot.lane, complete: false }));

/** A located JSON document as a message. */
export const framedDocument = (document: string, located: Located, options: DocumentOptions): FramedMessage => {
  const builder = new FrameBuilder(document);
  const changed = cutDocument(builder, located, {
    slotOf: (found, form) => {
      const slot = slotInDocument(found, form, options.author?.(found));
      const own = options.laneOf?.(found);
      return own === undefined ? slot : { ...slot, lane: own };
    },
    dropEchoes: options.dropEchoes,
  });
  const { literals, slots, texts, raws } = builder.finish();
  // Written out: a spread with members after it makes an object that V8 treats as one of a kind, and this is done for every request.
  const frame: Frame = {
    literals,
    slots,
    visibility: located.visibility,
    usage: options.usage,
    closings: options.cut === undefined ? quietFrame.closings : cutLanes(slots, options.cut),
    onlyText: false,
    ends: false,
  };
  return { frame, texts, raws, whole: changed ? undefined : document };
};

const bodySlot: Slot = { lane: lane("body"), author: "data", syntax: "plain", path: [], form: "bare", shown: true };

/** A text that is no JSON, as one lane. */
export const framedText = (text: string): FramedMessage => ({
  frame: { ...quietFrame, literals: ["", ""], slots: [bodySlot] },
  texts: [text],
  raws: [text],
  whole: text,
});

/** Bytes that no table and no walk can read. */
export const opaqueBytes = (bytes: Buffer): OpaqueMessage => ({
  frame: { ...quietFrame, literals: [""], slots: [], visibility: "none" },
  texts: [],
  raws: [],
  whole: undefined,
  bytes,
});

/** Bytes of an unknown kind: text where they are UTF-8 and a text type says so, else opaque. */
export const framedBytes = (bytes: Buffer, textual: boolean): FramedMessage =>
  textual && isUtf8(bytes) ? framedText(bytes.toString("utf8")) : opaqueBytes(bytes);

/** Shows and rewrites framed messages. */
export const framedCodec: TextCodec<FramedMessage> = {
  spans: framedSpans,
  rewrite: rewriteFramed,
  closes: ({ frame }) => frame.closings,
  calls: (message) => calledTools(framedSpans(message)),
  visibility: ({ frame }) => frame.visibility,
  usage: ({ frame }) => frame.usage,
  isOutput: ({ author }) => author === "assistant" || author === "tool-input",
};
