/**
 * Tells secrets from everything else that stands behind a name like `password` or `token`: references (`${TOKEN}`, `getToken()`), placeholders
 * (`changeme`, `<your key>`), and words.
 */

import type { Validator } from "../masking/detector.ts";

/** How much a value must say for itself, given how much its name says. */
export type Strength =
  /** Behind `password` and its like: a digit or a sign beside letters is enough. */
  | "named"
  /** Behind a name that is also used for other things (`key`), or without an operator: must look drawn by a machine. */
  | "drawn"
  /** Quoted behind `password` itself: a word may be one. */
  | "quoted"
  /** Where nothing but a password can stand (addresses, SQL): anything but a reference or a placeholder. */
  | "placed"
  /** `user:password`: as placed, and the password is not the user's name. */
  | "pair"
  /** The same in an address, where even `user:password` is what it says. */
  | "userinfo";

/** Longer values are not looked at any further: what is drawn by a machine shows it in far fewer characters. */
const MAX_UNITS = 400;

/** A validator of values behind a name. Its patterns end at a delimiter, so that a value is judged once and whole. */
export const secretValue =
  (strength: Strength): (() => Validator) =>
  () =>
    new SecretValue(strength);

class SecretValue implements Validator {
  private text = "";
  private readonly strength: Strength;

  constructor(strength: Strength) {
    this.strength = strength;
  }

  push(unit: number): void {
    if (this.text.length < MAX_UNITS) this.text += String.fromCharCode(unit);
  }

  accepts(): boolean {
    return looksSecret(this.text, this.strength);
  }
}

/** Whether a value looks like a secret. */
export function looksSecret(value: string, strength: Strength): boolean {
  switch (strength) {
    case "pair":
      return isPair(value) && isLiteral(passwordOf(value));
    case "userinfo":
      return isPair(value);
    case "named":
      return isLiteral(value) && !isWords(value) && !NUMBER.test(value);
    case "quoted":
      return isLiteral(value) && (!isWords(value) || ONE_WORD.test(value));
    case "drawn":
      // Most values are short words, so the cheapest question comes first.
      return value.length >= MIN_DRAWN && isDrawn(value) && isLiteral(value);
    case "placed":
      return isLiteral(value);
  }
}

/** Neither a reference nor a placeholder, nor the characters that keys are made of. */
const isLiteral = (value: string): boolean => !isReference(value) && !isPlaceholder(value) && !isAlphabet(value);

const ALL_LETTERS = /abcdefghijklmnopqrstuvwxyz/i;
const LETTERS_IN_ALL = 26;
const ALL_DIGITS = "0123456789";

/** `abc…xyz`, `ABC…XYZ0…9`: all letters in order and nothing else, or all digits too, and no character twice. */
const isAlphabet = (value: string): boolean =>
  ALL_LETTERS.test(value) && (value.length === LETTERS_IN_ALL || (value.includes(ALL_DIGITS) && new Set(value).size === value.length));

// `$NAME`, `${…}`, `$(…)`, `{{…}}`, `{name}`, `#{…}`, `<…>`, `%s`, `%NAME%`, `%(name)s`, `[…]`, `@name@`, `&name`, `*name` at the beginning
const OPENS_REFERENCE =
  /^(?:\$[A-Za-z_{(]|\$\d+$|\{\{?[\w .$-]+\}|#\{|<[^<>]*>|<%|%[A-Za-z_(]|\[[^\]]*\]$|@\w+@|@\w[\w.]*\(|__\w+__$|\.\.\.|\+|\.\$|&lt;|"|&?\*?[a-z_]+->)/;
// `name(…)`, `name.name[…]`, `Name::name`
const CALL = /^[A-Za-z_][\w$]*(?:(?:(?:\.|::|->|\?\.)[A-Za-z_]\w*)*[([]|(?:(?:\.|::)[A-Za-z_]\w*)+\{)/;
// `config.database.password`, `process.env.NAME`, `this.token`: names of words joined by dots
const MEMBER = /^[A-Za-z_$]+(?:\d{1,3}[A-Za-z_$]*)?(?:(?:\?\.|\.|::|->)[A-Za-z_$]+(?:\d{1,3}[A-Za-z_$]*)?){1,8}$/;
const LOCATION = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|\.{0,2}\/[\w.-]+\/|[A-Za-z]:\\|file:|arn:|~\/|[a-z]{2}-[a-z]{4,12}-\d:\d{12}:)/;

// `pre-${NAME}-post`, `{{ name }}`, `$(command`, `%(name)s`: filled in where it is used
const INTERPOLATED = /\$\{\{? ?[A-Za-z_][\w.]* ?\}|(?<![A-Za-z0-9])\{\{-?[\w.$ |"()-]{1,80}\}\}|\$\([a-z]|%\([a-z]\w*\)s/;
// `images/2026/picture.png`, `v1.2.3-rc.1`, and what a checksum begins with
const FEWEST_PARTS = 3;
const FILE = /^[\w@.-]+(?:\/[\w@ .-]+)+\.[a-z]{2,4}\d?$/i;
const VERSION = /^v?\d+(?:\.\d+){2,3}(?:[-+][\w.+-]*)?$/;
const CHECKSUM = /^(?:sha\d{1,3}|md5)[-:]/i;

function isReference(value: string): boolean {
  return (
    OPENS_REFERENCE.test(value) ||
    CALL.test(value) ||
    MEMBER.test(value) ||
    LOCATION.test(value) ||
    INTERPOLATED.test(value) ||
    FILE.test(value) ||
    CHECKSUM.test(value) ||
    VERSION.test(value) ||
    isPath(value)
  );
}

/** `projects/4711/secrets/db-password`: three parts and more, each of them words or a number. */
function isPath(value: string): boolean {
  const parts = value.split("/");
  return parts.length >= FEWEST_PARTS && parts.every((part) => /^\d+$/.test(part) || (part !== "" && isWords(part)));
}

const PLACEHOLDER =
  /^(?:[^A-Za-z0-9]*|(.)\1*|none|null|nil|true|false|undefined|nan|todo|tbd|string|str|text|bool|boolean|int|integer|number|object|any|bytes|default|empty|required|optional|secret|password|passwd|pass|token|key|value|username|user|login|admin|root|name|hidden|masked|redacted|unset|invalid|disabled|enabled|bearer|basic|base64|utf-?8|hex|ascii|latin1|md5|sha-?\d+|hs\d+|rs\d+|es\d+|aes|rsa|jwt|oauth2?|text|number|input|submit|forgot|reset|change|confirm|current|update|u?int\d{0,3}(?:array|_t)?|float\d{0,2}(?:array)?|[iuf]\d{1,3}|\d{1,4})$/i;
const PLACEHOLDER_PART =
  /(.)\1{7}|x{4}|\*{3}|\.{3}|changeme|change[_-](?:me|it|this)|replace[_-]?(?:me|with|this)|placeholder|redacted|your[_-]|^your|[_-]here\b|^(?:my|some|the|enter|insert|add|put)[_-]|^<|(?:\b|_)example|example(?:\b|_)|dummy|(?:not|in)[_-]?a[_-]?real|\bfake|pbkdf2with|hmac-?sha|with(?:rsa|ecdsa)|getenv|environ\b|process\.env/i;

function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value) || PLACEHOLDER_PART.test(value);
}

const passwordOf = (pair: string): string => pair.slice(pair.indexOf(":") + 1);

/** `user:password` where the password is neither the user again nor to be filled in. */
function isPair(value: string): boolean {
  const password = passwordOf(value);
  return (
    password !== "" &&
    value !== `${password}:${password}` &&
    !isReference(password) &&
    !PLACEHOLDER_PART.test(password) &&
    /[A-Za-z0-9]/.test(password)
  );
}

/** `max_tokens=128000`, `pass_rate=0.98765`, `session_token_ttl=24h0m0s`: a count or a measure, with what closes an object behind it. */
const NUMBER = /^[-+]?(?:[\d.,_]{1,19}%?|(?:\d{1,9}(?:ns|us|ms|[smhdw]))+)[}\])]*$/;
/** Lower-case words, such as people choose for a password or passphrase. */
const ONE_WORD = /^[a-z]{6,20}(?: [a-z]{1,20}){0,9}$/;
const SEPARATORS = /[\s\-_./:,=]+/;
const EDGES = /^[#@+!?&=.*({[-]+|[!?.:;)}\]>]+$/g;
const WORD = /^(?:[A-Za-z]{0,40}\d{0,2}|\d{1,4})$/;
const LETTERS = /^[A-Za-z]{0,40}$/;
const HUMP = /[a-z][A-Z]/g;
/** Camel-cased names have longer humps than letters drawn by a machine. */
const SHORTEST_HUMP = 5.6;
const FEWEST_HUMPS = 3;
/** No English word that names anything in a program is longer: "internationalisation" and "responsibilities" end here. */
const LONGEST_WORD = /[a-z]{21}|[A-Z]{21}/;

/** Words and short numbers joined by separators: `open_sesame`, `NEXUS-GPT4-API-KEY`, `application/json`, `v1.2.3`; alone, letters only. */
function isWords(value: string): boolean {
  const parts = value
    .replaceAll(EDGES, "")
    .split(SEPARATORS)
    .filter((part) => part !== "");
  return parts.every((part) => (parts.length > 1 ? WORD : LETTERS).test(part) && !isScrambled(part));
}

function isScrambled(letters: string): boolean {
  const humps = letters.match(HUMP)?.length ?? 0;
  return LONGEST_WORD.test(letters) || (humps >= FEWEST_HUMPS && letters.length / humps < SHORTEST_HUMP);
}

/** Thirty letters and digits without a separator: no identifier that holds a number is so long. */
const LONG_NUMBERED = /(?=[A-Za-z]*\d)[A-Za-z0-9]{30}/;
const MIN_DRAWN = 16;
const MIN_DRAWN_HEX = 20;

/** Whether the value holds a long enough run in which letters and digits change places as chance does it. */
function isDrawn(value: string): boolean {
  for (const run of value.split(/[^A-Za-z0-9+/_=-]+/)) if (run.length >= MIN_DRAWN && isRandom(run)) return true;
  return false;
}

function isRandom(run: string): boolean {
  if (isWords(run)) return false;
  const digits = run.match(/\d/g)?.length ?? 0;
  const letters = run.match(/[A-Za-z]/g)?.length ?? 0;
  if (/^[0-9a-f-]+$/i.test(run)) return run.length >= MIN_DRAWN_HEX && digits >= 3 && letters >= 2;
  if (LONGEST_WORD.test(run) || LONG_NUMBERED.test(run)) return true;
  const changes = run.match(/[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]/g)?.length ?? 0;
  return letters >= 4 && changes >= 4 && (digits >= 2 || changes >= run.length / 4);
}
