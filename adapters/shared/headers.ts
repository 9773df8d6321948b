/**
 * Headers on their way through: built anew from a list of what may pass, never copied and cleaned (ARCHITECTURE.md 1.9).
 *
 * A header's value can carry text that no masker sees, so only named headers pass, and only while their values look like what such headers hold.
 */

/** Which headers may pass: exact names, and beginnings of names. Lower case. */
export interface HeaderAllowance {
  readonly names: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/**
 * Never passed, whatever a list says: what says who the caller is, what frames the message (RFC 9110 section 7.6.1), and names that mean something
 * to a gateway or proxy on either side.
 */
const forbiddenNames = new Set([
  "authorization",
  "api-key",
  "x-api-key",
  "x-goog-api-key",
  "proxy-authorization",
  "proxy-authenticate",
  "www-authenticate",
  "proxy-connection",
  "cookie",
  "set-cookie",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "content-length",
  "content-encoding",
  "accept-encoding",
  "upgrade",
  "expect",
  "host",
  "via",
  "forwarded",
]);
const forbiddenPrefixes = ["weir-", "x-forwarded-", "proxy-", "sec-"];

/** One short run of a token's characters (RFC 9110 section 5.6.2), or a few apart by separators of lists and dates; nothing that could hold a sentence. */
const shortValue = /^[A-Za-z0-9!#$%&'*+\-.^_`|~/:;=,()" ]{1,160}$/;

const mayPass = (name: string, allowance: HeaderAllowance, named: ReadonlySet<string>): boolean => {
  if (forbiddenNames.has(name) || named.has(name)) return false;
  if (forbiddenPrefixes.some((prefix) => name.startsWith(prefix))) return false;
  return allowance.names.has(name) || allowance.prefixes.some((prefix) => name.startsWith(prefix));
};

const none: ReadonlySet<string> = new Set();

/** The headers that `Connection` names: they were for the hop just made (RFC 9110 section 7.6.1). */
const connectionNamed = (values: readonly string[]): ReadonlySet<string> =>
  values.length === 0 ? none : new Set(values.flatMap((value) => value.split(",").map((name) => name.trim().toLowerCase())));

const valuesOf = (rawHeaders: readonly string[], wanted: string): string[] => {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === wanted.length && name.toLowerCase() === wanted) values.push(rawHeaders[at + 1] ?? "");
  }
  return values;
};

/** The one value of a header; undefined when it is absent or was sent more than once. `rawHeaders`: names and values in turn, as Node gives them. */
export const soleHeader = (rawHeaders: readonly string[], name: string): string | undefined => {
  const [value, second] = valuesOf(rawHeaders, name);
  return second === undefined ? value : undefined;
};

/** The headers that pass, lower-case names and values in turn; of a repeated one the first. `rawHeaders`: names and values in turn. */
export const passingHeaders = (rawHeaders: readonly string[], allowance: HeaderAllowance): string[] => {
  const named = connectionNamed(valuesOf(rawHeaders, "connection"));
  const passing: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    const value = rawHeaders[at + 1] ?? "";
    if (mayPass(name, allowance, named) && shortValue.test(value) && !passing.includes(name)) passing.push(name, value);
  }
  return passing;
};

/** Query keys under which callers send credentials; compared in lower case. */
const credentialKeys = new Set([
  "key",
  "api_key",
  "api-key",
  "apikey",
  "access_token",
  "token",
  "auth",
  "authorization",
  "sig",
  "signature",
]);

const isCredentialKey = (pair: string): boolean => {
  const [key = ""] = pair.split("=", 1);
  try {
    return credentialKeys.has(decodeURIComponent(key.replaceAll("+", " ")).toLowerCase());
  } catch {
    return true;
  }
};

/** A query without its credentials, otherwise as it came. */
export const passingQuery = (query: string): string =>
  query === ""
    ? query
    : query
        .split("&")
        .filter((pair) => !isCredentialKey(pair))
        .join("&");
