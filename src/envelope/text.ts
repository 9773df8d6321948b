/** Text inside messages: lanes and spans, the words in which adapters show text to the core. */

declare const laneBrand: unique symbol;

/**
 * The name of one text within one call. Spans of one lane, in order, spell that text; lanes may interleave.
 * Equal strings are the same lane. By convention the path of the field with the message's own indices: `choices.0.content`.
 */
export type Lane = string & { readonly [laneBrand]: true };

/** Names a lane. Only codecs make lanes. */
export const lane = (name: string): Lane => name as Lane;

/** Who wrote a text; `data` is text that no table names, found by walking. */
export type Author = "system" | "user" | "assistant" | "tool-input" | "tool-output" | "data";

/** How a lane's text is written: `json` lanes spell one JSON text (tool-call arguments) and stay valid JSON when masked. */
export type Syntax = "plain" | "json";

/** One run of text inside one message. */
export interface TextSpan {
  readonly lane: Lane;
  readonly author: Author;
  readonly syntax: Syntax;
  /** Where the text stands in the message: keys and indices from the root. */
  readonly path: readonly (string | number)[];
  readonly text: string;
  /** The path names the caller's own data (a field of a message of theirs), not a place in a well-known API: rules by key apply to it. */
  readonly keyed?: boolean;
}

/** A text as rules read it. */
export type Reading = Pick<TextSpan, "author" | "text">;

declare const maskedBrand: unique symbol;

/** Text that has been through the masker; the recorder takes nothing else. Made only in `enforcement/masked.ts`. */
export type MaskedText = string & { readonly [maskedBrand]: true };

/** The end of a lane. `complete` is false when generation was cut (length, stop sequence, error): rule 6 of the law of masking. */
export interface Closing {
  readonly lane: Lane;
  readonly complete: boolean;
}
