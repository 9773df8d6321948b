/** Media types of bodies (RFC 9110 section 8.3.1). */

export interface MediaType {
  /** `type/subtype`, lower case. */
  readonly essence: string;
  /** Lower case; undefined when the sender named none. */
  readonly charset: string | undefined;
}

const mediaType = /^\s*([A-Za-z0-9!#$&^_.+-]{1,64}\/[A-Za-z0-9!#$&^_.+-]{1,64})\s*(?:;(.{0,200}))?$/;
const charset = /(?:^|;)\s*charset\s*=\s*"?([A-Za-z0-9_.:-]{1,40})"?/i;

/** Values that were read before: a caller and an upstream say the same with every message. */
const known = new Map<string, MediaType | undefined>();
const mostKnown = 256;
const longestKnown = 128;

/** Reads a Content-Type; undefined when it is absent or cannot be read. */
export const readMediaType = (value: string | undefined): MediaType | undefined => {
  if (value === undefined) return undefined;
  if (known.has(value)) return known.get(value);
  const type = parse(value);
  if (value.length > longestKnown) return type;
  if (known.size >= mostKnown) known.clear();
  known.set(value, type);
  return type;
};

const parse = (value: string): MediaType | undefined => {
  const found = mediaType.exec(value);
  if (found?.[1] === undefined) return undefined;
  return { essence: found[1].toLowerCase(), charset: charset.exec(found[2] ?? "")?.[1]?.toLowerCase() };
};

/** JSON under its own name or as the syntax of another type (RFC 6839 section 3.1). */
export const isJson = (type: MediaType | undefined): boolean =>
  type !== undefined && (type.essence === "application/json" || type.essence.endsWith("+json"));

/** Whether text of this type is UTF-8; JSON without a charset is (RFC 8259 section 8.1). */
export const isUtf8Type = (type: MediaType | undefined): boolean =>
  type?.charset === undefined || type.charset === "utf-8" || type.charset === "utf8" || type.charset === "us-ascii";

/** Whether a type says that a body is text, whatever its form. */
export const isText = (type: MediaType | undefined): boolean => type?.essence.startsWith("text/") === true;
