/** What kind of body a media type is, and in which syntax a text is looked at. */

import type { Syntax } from "../../src/envelope/text.ts";
import { isJson, isUtf8Type, readMediaType } from "../shared/media-type.ts";

/**
 * How a body is read: as one JSON text; as JSON texts, one on a line; as server-sent events; as text; as a form's pairs or parts. `unknown` is what nobody named:
 * text where it is. `media` is nobody's text: images, archives, files of bytes.
 */
export type BodyKind = "json" | "lines" | "events" | "text" | "form" | "multipart" | "unknown" | "media";

const kinds: Readonly<Record<string, BodyKind>> = {
  "text/event-stream": "events",
  "application/x-ndjson": "lines",
  "application/ndjson": "lines",
  "application/jsonl": "lines",
  "application/x-jsonlines": "lines",
  "application/jsonlines": "lines",
  "application/json-lines": "lines",
  "application/stream+json": "lines",
  "application/x-json-stream": "lines",
  "application/x-www-form-urlencoded": "form",
  "multipart/form-data": "multipart",
  "application/xml": "text",
  "application/javascript": "text",
  "application/yaml": "text",
  "application/x-yaml": "text",
  "application/toml": "text",
  "application/sql": "text",
  "application/graphql": "text",
  "application/json-seq": "text",
};

const isTextual = (essence: string): boolean => essence.startsWith("text/") || /\+(?:xml|yaml)$/.test(essence);

/** The kind of body of a Content-Type as it came. A charset that is not UTF-8 makes it unreadable. */
export const kindOf = (contentType: string | undefined): BodyKind => {
  if (contentType === undefined || contentType.trim() === "") return "unknown";
  const type = readMediaType(contentType);
  if (type === undefined || !isUtf8Type(type)) return "media";
  const known = kinds[type.essence];
  if (known !== undefined) return known;
  if (isJson(type)) return "json";
  return isTextual(type.essence) ? "text" : "media";
};

const beginning = /[^ \t\r\n]/;
const jsonBeginnings = new Set(["{", "[", '"']);

/** The syntax in which a text is masked: as JSON where it begins like it. A JSON lane is plain text from the first place on that is no JSON, so nothing is lost by a wrong guess. */
export const syntaxOf = (text: string): Syntax => (jsonBeginnings.has(beginning.exec(text)?.[0] ?? "") ? "json" : "plain");
