/** The inside of JSON strings: RFC 8259 section 7. */

// What JSON.stringify escapes: quotes, backslashes, control characters and (since ES2019) lone surrogates.
const escaped = /["\\\p{Cc}\ud800-\udfff]/u;

/** The text as it stands between the quotes of a JSON string, exactly as `JSON.stringify` writes it. */
export const escapeJson = (text: string): string => (escaped.test(text) ? JSON.stringify(text).slice(1, -1) : text);

/** The text that stands between the quotes of a JSON string. `inner` must have come from a tokenizer of this folder; throws SyntaxError otherwise. */
export const unescapeJson = (inner: string): string => {
  if (!inner.includes("\\")) return inner;
  const text: unknown = JSON.parse(`"${inner}"`);
  return typeof text === "string" ? text : inner;
};

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A text in the place of a number (RFC 8259 section 6): as it is where it is one still, and else as a string. */
export const numberOrString = (text: string): string => (jsonNumber.test(text) ? text : `"${escapeJson(text)}"`);

/** What a backslash and this letter stand for, or -1: the two-character escapes of RFC 8259, `\u` apart. Takes and returns UTF-16 code units. */
export const shortEscape = (letter: number): number => {
  switch (letter) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
      return letter;
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
  }
  return -1;
};

/** The value of one hexadecimal digit, or -1. */
export const hexDigit = (unit: number): number => {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};
