/** Stretches of a message whose lengths stand before them, and the texts among them: what a rewritten message is spliced from. */

/** How a length is written: as a varint; as four bytes, little-endian (the elements of KServe's raw tensors); not at all. */
export type LengthForm = "varint" | "fixed32" | "none";

/** A stretch of bytes with its length. Offsets of the whole message, ends exclusive. */
export interface Stretch {
  readonly parent: Stretch | undefined;
  readonly lengthForm: LengthForm;
  /** Where the length is written; most often right before the stretch. */
  readonly lengthAt: number;
  readonly lengthEnd: number;
  readonly start: number;
  readonly end: number;
  /** Bytes by which its content grows, while a message is spliced. */
  growth: number;
}

/** How a text is written: its UTF-8 bytes; or, where a `google.protobuf.Value` was a number, as the string that takes its place. */
export type TextForm = "utf8" | "value-number";

/** A stretch that is text. */
export interface TextStretch extends Omit<Stretch, "growth"> {
  readonly form: TextForm;
  /** What the bytes spell, unless they have to be written anew even where the core changes nothing: a character that a cut went through has moved. */
  readonly text: string | undefined;
  /** Of a map's key the map that it stands in. */
  readonly map: string | undefined;
}
