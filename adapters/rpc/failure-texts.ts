/** The text in a Connect error: its message, and what its details may hold. */

import { lane, type TextSpan } from "../../src/envelope/text.ts";
import { opaqueTexts } from "./wire/binary-value.ts";
import type { ConnectFailure } from "./wire/connect-failure.ts";

/** The texts of one failure. Each is a lane of its own, which ends with the message that bears it. */
export class FailureTexts {
  readonly #failure: ConnectFailure;
  /** How many texts each detail has. */
  readonly #counts: readonly number[];
  readonly spans: readonly TextSpan[];

  constructor(failure: ConnectFailure) {
    const spans: TextSpan[] = [];
    const add = (path: readonly (string | number)[], text: string): void => {
      spans.push({ lane: lane(`error.${spans.length}`), author: "data", syntax: "plain", path: ["error", ...path], text });
    };
    add(["message"], failure.message ?? "");
    this.#counts = failure.details.map(({ value }, index) => {
      const { texts } = opaqueTexts(value);
      for (const text of texts) add(["details", index], text);
      return texts.length;
    });
    this.#failure = failure;
    this.spans = spans;
  }

  /** The failure with these texts, paired with {@link spans}, without the details that they change; the very same when nothing changed. */
  rewrite(texts: readonly string[]): ConnectFailure {
    if (this.spans.every(({ text }, at) => text === texts[at])) return this.#failure;
    let from = 1;
    const details = this.#failure.details.filter((_, index) => {
      const until = from + (this.#counts[index] ?? 0);
      const same = this.spans.slice(from, until).every(({ text }, at) => text === texts[from + at]);
      from = until;
      return same;
    });
    const [message = ""] = texts;
    return { code: this.#failure.code, message: this.#failure.message === undefined ? undefined : message, details };
  }
}
