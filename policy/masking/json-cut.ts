/** Cuts spans of a JSON lane to what may be covered of it. */

import { escapeJson } from "../../src/envelope/json/index.ts";
import type { JsonToken, JsonTokens } from "./json-tokens.ts";
import { longSpan } from "./views-cover.ts";
import type { Outlet } from "./views-outlet.ts";
import type { SpanSink } from "./views-scanner.ts";

/** A text as a JSON string. */
export const quoted = (text: string): string => `"${escapeJson(text)}"`;

/** A span of a scanner, with how far it reached when it was told before. */
interface CutSpan {
  readonly start: number;
  readonly end: number;
  readonly rule: number;
  readonly text: string;
  /** Minus infinity when it is told first. */
  readonly told: number;
}

/** Takes the spans of one scanner over a lane, and covers of each token what they touch. */
export class SpanCutter implements SpanSink {
  readonly #tokens: JsonTokens;
  readonly #outlet: Outlet;
  /** Rules before this one end the text, so that nothing behind a match has to stay JSON. */
  readonly #stops: number;
  /** The end of the span told last. */
  #told = 0;

  constructor(tokens: JsonTokens, outlet: Outlet, stops: number) {
    this.#stops = stops;
    this.#tokens = tokens;
    this.#outlet = outlet;
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    if (rule < this.#stops) this.#outlet.cover.add({ start, end, rule, text, continues });
    const span: CutSpan = { start, end, rule, text, told: continues ? this.#told : Number.NEGATIVE_INFINITY };
    for (const token of this.#tokens.touched(start, end)) this.#coverPart(token, span);
    this.#told = end;
  }

  #coverPart(token: JsonToken, span: CutSpan): void {
    switch (token.form) {
      case "covered":
        break;
      case "scalar":
        this.#coverScalar(token, span);
        break;
      case "plain":
        this.#cover(Math.max(span.start, token.start), span.end, span.text, span);
        break;
      case "string": {
        // An escape of which only a part was matched is not what it reads as: the reading of the unescaped string knows it better.
        // It may have been released: nothing could cover it.
        const from = Number.isFinite(span.told) ? span.start : Math.max(span.start, this.#outlet.released);
        const start = this.#tokens.escapeEnd(Math.max(from, token.start));
        const end = this.#tokens.escapeStart(Math.min(span.end, token.end));
        if (start < end) this.#cover(start, end, escapeJson(span.text), span);
      }
    }
  }

  #coverScalar(token: JsonToken, span: CutSpan): void {
    const text = quoted(span.text);
    if (Number.isFinite(token.end)) this.#cover(token.start, token.end, text, span);
    else token.found = [...token.found, { rule: span.rule, text }];
  }

  #cover(start: number, end: number, text: string, span: CutSpan): void {
    const frozen = span.end - span.start >= longSpan ? start : undefined;
    this.#outlet.cover.add({ start, end, rule: span.rule, text, continues: start < span.told, frozen });
  }
}
