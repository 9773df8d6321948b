/** Edits to a text that leave every other code unit as it came. */

/** Replaces `[start, end)` by `text`. UTF-16 offsets. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with its edits made; the very same string when there are none. Edits are in order and do not overlap, else RangeError. */
export const spliceJson = (text: string, edits: readonly TextEdit[]): string => {
  if (edits.length === 0) return text;
  let out = "";
  let at = 0;
  for (const edit of edits) {
    if (edit.start < at || edit.end < edit.start || edit.end > text.length) throw new RangeError("edits must be in order and apart");
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
};
