/** The text in metadata: header and trailer values, the status's message, and what `-bin` values hold. */

import { lane, type TextSpan } from "../../src/envelope/text.ts";
import type { Metadata } from "./message.ts";
import { opaqueTexts, statusTexts, type ValueTexts } from "./wire/binary-value.ts";
import { decodeGrpcMessage, encodeGrpcMessage } from "./wire/percent.ts";

/** Values that say how messages are framed, while they look like what such values are: nothing that could hold a sentence. */
const framingNames = new Set([
  "content-type",
  "content-encoding",
  "grpc-encoding",
  "grpc-accept-encoding",
  "grpc-status",
  "accept-encoding",
  "date",
]);
const framingValue = /^[A-Za-z0-9+/.,;:=_ -]{0,80}$/;

const nonAscii = /[\u0080-\uffff]/;

/** Node gives header values one byte a character; what is UTF-8 among them is read so. */
const textOfValue = (value: string): string => (nonAscii.test(value) ? Buffer.from(value, "latin1").toString("utf8") : value);
const valueOfText = (text: string): string => (nonAscii.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text);

/** No value may hold a line break or NUL (RFC 9110 section 5.5); a replacement that does is written with spaces. */
const sound = (value: string): string => value.replaceAll(/[\0\r\n]/g, " ");

const valueTexts = (name: string, value: string): ValueTexts | undefined => {
  if (value === "" || (framingNames.has(name) && framingValue.test(value))) return undefined;
  if (name === "grpc-message") return { texts: [decodeGrpcMessage(value)], rewrite: ([text = ""]) => encodeGrpcMessage(text) };
  if (name === "grpc-status-details-bin") return statusTexts(value);
  if (name.endsWith("-bin")) return opaqueTexts(value);
  return { texts: [textOfValue(value)], rewrite: ([text = ""]) => sound(valueOfText(text)) };
};

interface Entry extends ValueTexts {
  /** Where its value stands in the metadata. */
  readonly at: number;
  /** Where its first text stands among the spans. */
  readonly from: number;
}

/** The texts of one set of metadata. Each is a lane of its own, which ends with the message that bears it. */
export class MetadataTexts {
  readonly #metadata: Metadata;
  readonly #entries: readonly Entry[];
  readonly spans: readonly TextSpan[];

  /** `place`: what lanes and paths begin with, `metadata` or `trailers`. */
  constructor(metadata: Metadata, place: "metadata" | "trailers") {
    const spans: TextSpan[] = [];
    const entries: Entry[] = [];
    for (let at = 1; at < metadata.length; at += 2) {
      const name = metadata[at - 1] ?? "";
      const found = valueTexts(name, metadata[at] ?? "");
      if (found === undefined) continue;
      entries.push({ ...found, at, from: spans.length });
      for (const text of found.texts) {
        spans.push({ lane: lane(`${place}.${spans.length}`), author: "data", syntax: "plain", path: [place, name], text });
      }
    }
    this.#metadata = metadata;
    this.#entries = entries;
    this.spans = spans;
  }

  /** The metadata with these texts, paired with {@link spans}; the very same when nothing changed. */
  rewrite(texts: readonly string[]): Metadata {
    const values = new Map<number, string | undefined>();
    for (const entry of this.#entries) {
      const own = texts.slice(entry.from, entry.from + entry.texts.length);
      if (own.some((text, index) => text !== entry.texts[index])) values.set(entry.at, entry.rewrite(own));
    }
    if (values.size === 0) return this.#metadata;
    const rewritten: string[] = [];
    for (let at = 1; at < this.#metadata.length; at += 2) {
      const value = values.has(at) ? values.get(at) : this.#metadata[at];
      if (value !== undefined) rewritten.push(this.#metadata[at - 1] ?? "", value);
    }
    return rewritten;
  }
}
