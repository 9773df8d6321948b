/** Pairs of names and values, percent-encoded: queries and forms (WHATWG URL section 5). */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Author } from "../../src/envelope/text.ts";
import { syntaxOf } from "./media.ts";
import type { Part } from "./message.ts";
import { partOf } from "./parts.ts";

/** Pairs of one form: names and values are kept apart, each on a lane of its own. */
const mostPairs = 10_000;

export interface ReadForm {
  readonly parts: readonly Part[];
  /** Whether every escape is one, and spells UTF-8: else servers read it in different ways. */
  readonly clear: boolean;
}

/** Where a form stands in its message. */
export interface FormPlace {
  readonly section: "query" | "form";
  readonly root: readonly string[];
  readonly author: Author;
}

interface Decoded {
  readonly text: string;
  readonly clear: boolean;
}

/** What a name or value spells, as form parsers read it. */
const decode = (raw: string): Decoded => {
  const spaced = raw.replaceAll("+", " ");
  try {
    return { text: decodeURIComponent(spaced), clear: true };
  } catch {
    return { text: new URLSearchParams(`=${raw.replaceAll(/%(?![0-9A-Fa-f]{2})/g, "%25")}`).get("") ?? raw, clear: false };
  }
};

/** Reads pairs. Every name and every value is a text; `root` begins the paths of values, and `section` the names of lanes. Throws `request_invalid` for too many. */
export const readForm = (source: string, { section, root, author }: FormPlace): ReadForm => {
  const parts: Part[] = [];
  let clear = true;
  const add = (raw: string, lane: string, path: readonly string[]): void => {
    if (raw === "") return;
    const { text, clear: plain } = decode(raw);
    clear &&= plain;
    parts.push(partOf(raw, { author, lane, path, writing: "form", syntax: syntaxOf(text), text }));
  };
  const pairs = source.split("&", mostPairs + 1);
  if (pairs.length > mostPairs) throw new GatewayError("request_invalid", "The form has too many fields.");
  for (let index = 0; index < pairs.length; index++) {
    const pair = pairs[index] ?? "";
    const equals = pair.indexOf("=");
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    if (index > 0) parts.push("&");
    add(rawName, `${section}.${index}#name`, []);
    if (equals < 0) continue;
    parts.push("=");
    add(pair.slice(equals + 1), `${section}.${index}`, [...root, decode(rawName).text]);
  }
  return { parts, clear };
};
