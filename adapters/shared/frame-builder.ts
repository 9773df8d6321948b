/** Takes a text apart into a frame and the texts in it. */

import { readSlot, type Slot, type SlotForm } from "./frame.ts";
import type { FoundText, Located } from "./locate.ts";

/** A text taken apart. */
export interface Parts {
  readonly literals: readonly string[];
  readonly slots: readonly Slot[];
  readonly texts: readonly string[];
  readonly raws: readonly string[];
}

/** Cuts a source from its beginning to its end; offsets must not go back. */
export class FrameBuilder {
  readonly #source: string;
  readonly #literals: string[] = [];
  readonly #slots: Slot[] = [];
  readonly #texts: string[] = [];
  readonly #raws: string[] = [];
  #literal = "";
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** `[start, end)` is a text. */
  slot(start: number, end: number, slot: Slot): void {
    const raw = this.#source.slice(start, end);
    this.#literals.push(this.#literal + this.#source.slice(this.#at, start));
    this.#literal = "";
    this.#slots.push(slot);
    this.#raws.push(raw);
    this.#texts.push(readSlot(slot.form, raw));
    this.#at = end;
  }

  /** `[start, end)` reads `text` instead. */
  replace(start: number, end: number, text: string): void {
    this.#literal += this.#source.slice(this.#at, start) + text;
    this.#at = end;
  }

  /** The parts, with `tail` after the source. */
  finish(tail = ""): Parts {
    this.#literals.push(this.#literal + this.#source.slice(this.#at) + tail);
    return { literals: this.#literals, slots: this.#slots, texts: this.#texts, raws: this.#raws };
  }
}

/** How a document's texts are cut out of the source that holds it. */
export interface DocumentCut {
  /** The slot of a text that is written in this form. */
  readonly slotOf: (found: FoundText, form: SlotForm) => Slot;
  /** Whether what repeats text as numbers is removed. */
  readonly dropEchoes: boolean;
  /** Where an offset of the document stands in the source. */
  readonly offset?: (document: number) => number;
}

const sameOffset = (offset: number): number => offset;

/** Cuts a located document's texts, in order, out of its source. Returns whether anything was replaced. */
export const cutDocument = (builder: FrameBuilder, located: Located, cut: DocumentCut): boolean => {
  const offset = cut.offset ?? sameOffset;
  const echoes = cut.dropEchoes ? located.echoes : [];
  let echo = 0;
  const replaceBefore = (limit: number): void => {
    for (let next = echoes[echo]; next !== undefined && next.start < limit; next = echoes[++echo]) {
      builder.replace(offset(next.start), offset(next.end), next.instead);
    }
  };
  for (const found of located.texts) {
    replaceBefore(found.start);
    const form = found.kind === "value" ? "bare" : found.kind;
    const quotes = form === "string" || form === "key" ? 1 : 0;
    builder.slot(offset(found.start) + quotes, offset(found.end) - quotes, cut.slotOf(found, form));
  }
  replaceBefore(Number.POSITIVE_INFINITY);
  return echoes.length > 0;
};
