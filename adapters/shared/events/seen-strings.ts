/** What a stream repeats in every chunk, walked once. */

import type { FramedMessage, Slot } from "../frame.ts";
import { looksLikeToken } from "../locate.ts";

/** Strings kept for one stream: its id, model and fingerprint, those of its tool calls, and the words of what it repeats of the request. */
const mostSeen = 512;

const isIdentifier = ({ shown, author, form }: Slot, text: string): boolean =>
  shown && author === "data" && form === "string" && looksLikeToken(text);

/**
 * Strings of one stream that went through the core unchanged at their first coming. Nearly every chunk repeats them: they need not be walked again, and
 * chunks that differ in nothing but text can be read by comparing.
 */
export class SeenStrings {
  readonly #seen = new Set<string>();
  readonly #isWord: (text: string) => boolean;

  /** `isWord`: whether a string is one of the API's own words, which say nothing of their own. */
  constructor(isWord: (text: string) => boolean) {
    this.#isWord = isWord;
  }

  /** Whether a string may pass unread. */
  readonly passes = (text: string): boolean => this.#isWord(text) || this.#seen.has(text);

  /** Whether a message shows a string that may pass unread once the core has let it through. */
  awaits({ frame, texts }: FramedMessage): boolean {
    if (frame.closings.length === 0 || this.#seen.size >= mostSeen) return false;
    return frame.slots.some((slot, index) => isIdentifier(slot, texts[index] ?? "") && !this.#seen.has(texts[index] ?? ""));
  }

  /** Remembers what of a message the core let through as it came. `rewritten` are its shown texts as they go on. */
  note({ frame, texts }: FramedMessage, rewritten: readonly string[]): void {
    // Identifiers are lanes that close with their message; one without any shows none.
    if (frame.closings.length === 0) return;
    let next = 0;
    for (let index = 0; index < texts.length; index++) {
      const slot = frame.slots[index];
      if (slot?.shown !== true) continue;
      const text = texts[index] ?? "";
      if (rewritten[next] === text && isIdentifier(slot, text)) this.#add(text);
      next += 1;
    }
  }

  #add(text: string): void {
    if (this.#seen.size < mostSeen) this.#seen.add(text);
  }
}
