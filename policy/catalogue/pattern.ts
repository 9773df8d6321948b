/** Building blocks of the catalogue's patterns. */

/** The left boundary of keys with a prefix of their own: `MY_glpat-…` and `"glpat-…` begin one, `xglpat-…` does not. */
export const START = "(?<![A-Za-z0-9])";
/** The left boundary of keys that begin with any letters and digits: not within an identifier, where each of its parts would be an attempt. */
export const APART = "(?<![A-Za-z0-9_.-])";
/** The right boundary of keys of letters and digits. */
export const END = "(?![A-Za-z0-9])";

/** A key with a prefix of its own. */
export const key = (body: string): string => `${START}(?:${body})`;

/** A key without a prefix, known by its inner marks alone. */
export const apart = (body: string): string => `${APART}(?:${body})`;

/** What stands between a name and its value: `=`, `: "`, `", "`, ` => '`, `>` and a new line in XML, ` := \``, `\":\"`, or spaces. */
const BETWEEN = "[\"'`\\\\\\])}]{0,3}[ \\t]{0,4}(?:[-=:!?.|>,(~+]{0,4}[=:>,(|]{1,2}|is|was)?\\s{0,8}[\"'`\\\\$({\\[]{0,3}";

/**
 * A value that is a key only because a name stands before it: `vendor` (alternatives), then up to `reach` characters of an identifier, an operator, and the
 * value, which alone is masked.
 */
export const named = (vendor: string, value: string, reach = 24): string =>
  `${START}(?:${vendor})[A-Za-z_. /-]{0,${reach}}${BETWEEN}(?<![A-Za-z0-9])(?<secret>${value})${END}`;

/**
 * What makes the key or token behind it none that must be kept: it is public (`public_key`, `publishable_key`, a captcha's `site_key`), good for one form
 * (`csrf_token`), or says where something is (`next_page_token`, `cache_key`, `idempotency_key`).
 */
const HARMLESS = [
  "public|publishable|site",
  "csrf|xsrf|authenticity|anti-?forgery",
  "page|next|continuation|pagination|cursor|cancell?ation",
  "cache|partition|sort|foreign|row|object|dedupe|dedup|deduplication|idempotency|routing|lookup|translation",
].join("|");
const CAMEL_HARMLESS = HARMLESS.replaceAll(/(?<![a-z?])[a-z]/g, (letter) => letter.toUpperCase());

/** Names of keys and tokens that are no secrets, from the beginning of a word; for patterns without regard to case. */
export const HARMLESS_NAMES = `(?<![A-Za-z])(?:${HARMLESS})[_. -]?(?:api[_.-]?)?(?:key|token)`;
/** The same within an identifier in camel case: `nextPageToken`. */
export const CAMEL_HARMLESS_NAMES = `(?:(?<![A-Za-z])(?:${HARMLESS})|(?<![A-Z])(?:${CAMEL_HARMLESS}))(?:Api)?(?:Key|Token){1,2}`;
/** The left boundary of numbers: no letter, digit, or decimal point before it. */
const NUMBER_START = "(?<![A-Za-z\\u00c0-\\uffff\\d.,_/-])";
/** The right boundary of numbers. */
const NUMBER_END = "(?![A-Za-z\\d_-])";

/** A number that stands alone. */
export const number = (body: string): string => `${NUMBER_START}(?:${body})${NUMBER_END}`;

/** A value that only its neighbourhood gives away: one of the words, up to `reach` characters of the same line without digits, and the value. */
export const near = (words: string, value: string, reach = 24): string =>
  `(?<![A-Za-z])(?:${words})[^\\d\\n]{0,${reach}}?(?<![A-Za-z\\d])(?<secret>${value})(?![A-Za-z\\d])`;

/** A number that is all of its line: there is nothing beside it that could say what it is. */
export const alone = (body: string): string => `(?<![^\\n])(?:${body})(?![^\\r\\n])`;

/**
 * A number without separators and with one check digit or none: one in ten of all order numbers passes as one. It is taken near one of the words, or where
 * it stands alone.
 */
export const weak = (words: string, body: string): string => `${near(words, body)}|${alone(`(?<secret>${body})`)}`;
