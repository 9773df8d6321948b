/** What a detector is: the data that packs, custom rules and files under `policy/detectors` are written in. */

/**
 * Checks a candidate character by character, so that trying it at every end costs constant work a character (rule 3 of the law).
 * `push` takes the next UTF-16 code unit of the candidate; `accepts` says whether what was pushed so far passes. Instances are not shared.
 */
export interface Validator {
  push(unit: number): void;
  accepts(): boolean;
}

/** What stands in place of a match. */
export type Replacement =
  | { readonly kind: "label" } // `[NAME]`
  | { readonly kind: "fixed"; readonly text: string }
  | { readonly kind: "keep-last"; readonly count: number } // `***1234`; at most a third of the match is kept
  // `[NAME:9f3a…]`: same secret, same pseudonym; only for secrets of ≥ 64 bits, which are counted from the pattern where `bits` does not say
  | { readonly kind: "hash"; readonly bits?: number };

/**
 * One detector. Only `name` and `pattern` are needed; a lower index in the compiled list is a higher priority for naming united spans.
 *
 * `pattern` is JavaScript syntax (a leading `(?i)` allowed) in the subset of rule 7. Where it holds a capturing group named `secret`, only that group
 * is masked and what stands around it is context. An alternative without the group masks nothing and keeps the detector from looking inside it:
 * `public_key=\S+|key=(?<secret>\S+)`. Matching follows `matchAll` (leftmost-first), longest for keyword lists, longest passing with a validator.
 */
export interface Detector {
  /** Kebab-case, unique: `aws-access-key-id`. */
  readonly name: string;
  /** What stands in the brackets of the label; absent: the name in upper case with `_`. */
  readonly label?: string;
  readonly pattern: string;
  /** `i`, `s`, `m`, `u` in any combination. */
  readonly flags?: string;
  /** Alternatives to `pattern` as literal keywords: the longest wins. With keywords, `pattern` is the empty string. */
  readonly keywords?: readonly string[];
  readonly match?: "first" | "longest";
  readonly validator?: () => Validator;
  readonly replace?: Replacement;
  /** A credential: its prefixes are masked too where generation was cut (rule 6). */
  readonly credential?: boolean;
  /** A block-type secret: masked from its beginning even if the text ends before its end (rule 6). */
  readonly block?: boolean;
  /**
   * Its match is not replaced: the text ends before it, and its masker says so (`Masker.stopped`). Such detectors come before all others, so that whatever
   * unites with their spans ends the text too.
   */
  readonly stops?: boolean;
}
