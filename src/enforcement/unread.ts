/** What the record says of content that the gateway cannot read: its digest and length, never a byte of it. */

import type { TextCodec } from "../envelope/message.ts";
import { lane, type MaskedText } from "../envelope/text.ts";

/** The lane of such notes in an answer. */
export const unreadLane = lane("unread");

/** The note on a message's unread part; undefined when all of it can be read, or the codec tells no digest. */
export const unreadNote = <M>(codec: TextCodec<M>, message: M): MaskedText | undefined => {
  if (codec.unread === undefined || codec.visibility(message) === "whole") return undefined;
  const unread = codec.unread(message);
  return unread === undefined ? undefined : (`[unread: ${unread.bytes} bytes, sha256 ${unread.sha256}]\n` as MaskedText);
};
