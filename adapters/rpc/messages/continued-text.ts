/** Text of one lane that comes in pieces of bytes, which need not be cut between characters. */

import type { OpenLane } from "./lanes.ts";
import { cutCharacter, utf8Text } from "./utf8.ts";

/** A piece as it is shown. */
export interface ContinuedText {
  /** undefined where the bytes are no text. */
  readonly text: string | undefined;
  /** Whether the text is not just what the piece's own bytes spell, so that they must be written anew. */
  readonly moved: boolean;
}

const noBytes = Buffer.alloc(0);

/**
 * The next piece of a lane. A character that a cut goes through is shown with the piece that completes it; what the last piece leaves incomplete is U+FFFD,
 * as it is to whoever reads it.
 */
export const continueText = (open: OpenLane, piece: Buffer, last: boolean): ContinuedText => {
  const bytes = open.tail.length === 0 ? piece : Buffer.concat([open.tail, piece]);
  const cut = last ? 0 : cutCharacter(bytes);
  const moved = cut > 0 || open.tail.length > 0;
  const whole = bytes.length - cut;
  const text = utf8Text(bytes, 0, whole) ?? (last && cutCharacter(bytes) > 0 ? utf8Text(Buffer.from(bytes.toString("utf8"))) : undefined);
  open.tail = cut === 0 || text === undefined ? noBytes : Buffer.from(bytes.subarray(whole));
  return { text, moved };
};
