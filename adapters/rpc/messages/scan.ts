/** What the scanner offers to those who know a message's inner forms: text tensors, fields that no descriptor names. */

import type { Lanes, OpenLane } from "./lanes.ts";
import type { MessagePlan, PlanOf } from "./plan.ts";
import type { LengthForm, Stretch, TextForm } from "./stretch.ts";

/** Where in a message the scanner stands. */
export interface Spot {
  /** The innermost stretch; undefined at the message's root. */
  readonly stretch: Stretch | undefined;
  /** The name of the lane here: the path with dots. */
  readonly lane: string;
  /** Whether the path is the same in every message, so that a field here can run over a stream. */
  readonly steady: boolean;
  /** Messages around. */
  readonly depth: number;
}

/** How bytes are shown as text, where that is not the usual way. */
export interface BytesShowing {
  /** The lane that runs over the stream, for what is joined. */
  readonly open?: OpenLane | undefined;
  readonly tensor?: boolean;
  /** Where it stands, if not where the scanner does. */
  readonly path?: readonly (string | number)[];
}

/** How a text is shown, where that is not the usual way. */
export interface Showing extends BytesShowing {
  readonly form?: TextForm;
  /** Of a map's key the map: a rule by key means the value below. */
  readonly map?: string;
  /** Whether the bytes must be written anew even where the core changes nothing. */
  readonly moved?: boolean;
}

/** A stretch of bytes with the place of its length, not yet put into a message. */
export interface Piece {
  readonly lengthForm: LengthForm;
  readonly lengthAt: number;
  readonly lengthEnd: number;
  readonly start: number;
  readonly end: number;
}

/** What the scans of one direction of one call share. */
export interface ScanContext {
  readonly planOf: PlanOf;
  readonly lanes: Lanes;
  /** Whether an identity at this lane has been let through before and need not be shown again. */
  readonly passes: (lane: string, text: string) => boolean;
}

/** A scan under way over one message's bytes. */
export interface Scan {
  readonly bytes: Buffer;
  readonly planOf: PlanOf;
  /** Runs a step with another path. */
  at(path: readonly (string | number)[], step: () => void): void;
  /** Bytes that are text where they are UTF-8; where not, part of the message cannot be read. */
  text(piece: Piece, spot: Spot, showing?: BytesShowing): void;
  /** Puts a piece into the message as a stretch around others. */
  stretch(piece: Piece, spot: Spot): Stretch;
  /** A message inside the one at hand. */
  inside(plan: MessagePlan, piece: Piece, spot: Spot): void;
  /** Runs a step; where it cannot read or meets unknown fields, all is as it was before and the answer is false. */
  attempt(step: () => void): boolean;
  /** Part of the message cannot be read. */
  blur(): void;
}

/** A lane's name below another. Dots inside a key are escaped, so that different paths have different names. */
export const below = (name: string, part: string | number): string => {
  const written = typeof part === "string" && part.includes(".") ? part.replaceAll(".", "\\.") : String(part);
  return name === "" ? written : `${name}.${written}`;
};
