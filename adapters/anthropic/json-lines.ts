/** JSON lines: what the results of a batch come as, one message a line. */

import { slotInDocument } from "../shared/document.ts";
import type { FramedMessage } from "../shared/frame.ts";
import { quietFrame } from "../shared/frame.ts";
import { cutDocument, FrameBuilder } from "../shared/frame-builder.ts";
import { locate } from "../shared/locate.ts";
import type { MediaType } from "../shared/media-type.ts";
import { noPlaces } from "../shared/place.ts";

const types: ReadonlySet<string> = new Set(["application/x-jsonl", "application/jsonl", "application/x-ndjson", "application/ndjson"]);

/** Whether a body is JSON lines. */
export const isJsonLines = (type: MediaType | undefined): boolean => type !== undefined && types.has(type.essence);

const lineForm = /[^\r\n]+/g;

/** Lines of JSON as one message, each walked as data: texts of one line have lanes of their own. Throws JsonError. */
export const framedLines = (text: string): FramedMessage => {
  const builder = new FrameBuilder(text);
  let line = 0;
  for (const { 0: json, index } of text.matchAll(lineForm)) {
    const number = line++;
    cutDocument(builder, locate(json, { table: noPlaces, numbers: true }), {
      slotOf: (found, form) => slotInDocument({ ...found, path: [number, ...found.path] }, form),
      dropEchoes: false,
      offset: (at) => index + at,
    });
  }
  const { literals, slots, texts, raws } = builder.finish();
  return { frame: { ...quietFrame, literals, slots }, texts, raws, whole: text };
};
