/**
 * The masker as a library: `import { compile } from "@weir-gateway/weir/masking"`. It needs no gateway, reads no file, clock or network, and holds no
 * state but its compiled tables. docs/masking.md shows it at work.
 */

import type { Syntax } from "../src/envelope/text.ts";
import { detectorsNamed } from "./catalogue/index.ts";
import { compile as compileLanes, type Detector, type KeyedHash, laneOptions, type Program } from "./masking/index.ts";

export type { Syntax } from "../src/envelope/text.ts";
export { type CatalogueEntry, catalogue, detectorsNamed, PACKS, packs, UnknownDetector } from "./catalogue/index.ts";
export {
  type Detector,
  type KeyedHash,
  type LaneEnd,
  type LintCode,
  type LintFinding,
  lint,
  type Masker,
  type MaskSpan,
  PatternError,
  type Program,
  type Replacement,
  type Validator,
} from "./masking/index.ts";

/** What else masks, and with what. */
export interface MaskingOptions {
  /** JSON keys and paths whose values are masked whatever they hold: `ssn`, `$.patient.*.dob`, `**.password`. For texts of syntax `json`. */
  readonly keys?: readonly string[];
  /** Makes pseudonyms for detectors that are replaced by a hash: a keyed one (HMAC), as lower-case hexadecimal of at least 12 digits. */
  readonly hash?: KeyedHash;
}

/**
 * Compiles what is to be masked: packs and detectors of the catalogue by name (`all` is every one), and detectors of your own, in any order. Your own
 * come first where spans unite under one name. Encodings are seen through, and JSON lanes stay JSON.
 *
 * Takes up to some 0.3 s of CPU: do it once, not for each text. The program may be shared by any number of streams.
 *
 * @throws UnknownDetector for a name that the catalogue does not know, with the nearest ones.
 * @throws PatternError for a pattern, key or replacement that is refused, with the position.
 */
export function compile(wanted: readonly (string | Detector)[], options: MaskingOptions = {}): Program {
  const own = wanted.filter((each) => typeof each !== "string");
  const named = detectorsNamed(wanted.filter((each) => typeof each === "string"));
  const detectors = [...own, ...named.filter((each) => !own.includes(each))];
  return compileLanes(detectors, { ...laneOptions(options.keys), ...(options.hash === undefined ? {} : { hash: options.hash }) });
}

/**
 * Masks a text that arrives in pieces. Yields what may go on, piece by piece, never an empty string; all of it together is what `program.mask` gives for
 * the whole text. A failure of the source passes through, and what was held then is dropped.
 */
export async function* maskPieces(program: Program, pieces: AsyncIterable<string>, syntax: Syntax = "plain"): AsyncGenerator<string, void> {
  const masker = program.open(syntax);
  for await (const piece of pieces) {
    const released = masker.push(piece);
    if (released !== "") yield released;
  }
  const rest = masker.finish();
  if (rest !== "") yield rest;
}
