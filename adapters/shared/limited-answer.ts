/** Whole JSON answers that ended at the most tokens they may have: what they say of their end is written anew, everything else stays. */

import { spliceJson } from "../../src/envelope/json/index.ts";
import { type FramedMessage, quietFrame, wireText } from "./frame.ts";
import { type FoundField, fieldsOf } from "./locate.ts";
import type { PlaceTable } from "./place.ts";

/** A masked message as it goes on, with the values of some of its fields changed: nothing of it is text any more. */
export const withFields = (message: FramedMessage, table: PlaceTable, changed: (field: FoundField) => unknown): FramedMessage => {
  const json = wireText(message);
  const edits = fieldsOf(json, table).flatMap((field) => {
    const value = changed(field);
    return value === undefined ? [] : [{ start: field.start, end: field.end, text: JSON.stringify(value) }];
  });
  const whole = spliceJson(json, edits);
  const { visibility, usage } = message.frame;
  return { frame: { ...quietFrame, literals: [whole], slots: [], visibility, usage }, texts: [], raws: [], whole };
};
