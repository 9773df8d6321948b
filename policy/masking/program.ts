/** The masker's face: what the rest of the house knows of it. The engine behind it is `compile`. */

import type { Syntax } from "../../src/envelope/text.ts";
import type { Detector } from "./detector.ts";

/** A masked span of a whole text: UTF-16 offsets, end exclusive, and the detector it is named after. */
export interface MaskSpan {
  readonly start: number;
  readonly end: number;
  readonly detector: string;
}

/** How a lane ended: `complete` is false when generation was cut (rule 6). */
export interface LaneEnd {
  readonly complete: boolean;
}

/** Told the name of the detector of each replacement as it is released, once each; never a text, and never what stops one. Values that a rule by key names are told as {@link byKey}. */
export type Found = (detector: string) => void;

/** What {@link Found} is told of values that `mask.keys` names. */
export const byKey = "keys";
/** What {@link Found} is told of JSON that is too deep, and of numbers that are too long, to be looked into. */
export const byStructure = "structure";

/** Masks one lane as it arrives. After `finish` it must not be used again. */
export interface Masker {
  /** The text that may now be released: masked, and never split inside a surrogate pair. */
  push(chunk: string): string;
  /** What was still held, masked or released. */
  finish(end?: LaneEnd): string;
  /** UTF-16 code units held back at this moment. */
  readonly held: number;
  /** The detector whose match ended the text ({@link Detector.stops}): nothing more is released. undefined: none has. */
  readonly stopped?: string | undefined;
}

/** A compiled set of detectors (with JSON keys and paths, and views of encodings), shared by every stream that uses it. Never changes. */
export interface Program {
  readonly detectors: readonly Detector[];
  /** Changes with anything that could change an output. */
  readonly hash: string;
  /** A masker for one lane of the given syntax. `found` is told what it replaces; text that is clean costs nothing more. */
  open(syntax: Syntax, found?: Found): Masker;
  /** The whole text masked at once; equals pushing it in any cut and finishing with `end`. */
  mask(text: string, syntax?: Syntax, end?: LaneEnd): string;
  /** The masked spans of a whole plain text, united, in order. */
  spans(text: string): readonly MaskSpan[];
  /** What replaces a whole value at this path of a message, because a key rule names it; undefined: none does. For messages that are no `json` lane themselves. */
  labelAt(path: readonly (string | number)[]): string | undefined;
  /** Whether there are detectors among them that end a text ({@link Detector.stops}). */
  readonly stops: boolean;
  /** Whether the program can change nothing. */
  readonly empty: boolean;
}
