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
  "www-authenticate",
  "cookie",
  "set-cookie",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "content-length",
  "upgrade",
  "http2-settings",
  "expect",
  "host",
  "via",
  "forwarded",
  "alt-svc",
]);
const forbiddenPrefixes = ["weir-", "x-forwarded-", "proxy-", "sec-"];

/** Whether a header passes in no protocol. `name`: lower case. */
export const neverPasses = (name: string): boolean =>
  forbiddenNames.has(name) || forbiddenPrefixes.some((prefix) => name.startsWith(prefix));

/** Codings of whole bodies are undone here, and asked for here. */
const codingNames = new Set(["content-encoding", "accept-encoding"]);

/** One short run of a token's characters (RFC 9110 section 5.6.2), or a few apart by separators of lists and dates; nothing that could hold a sentence. */
const shortValue = /^[A-Za-z0-9!#$%&'*+\-.^_`|~/:;=,()" ]{1,160}$/;

const mayPass = (name: string, allowance: HeaderAllowance, named: ReadonlySet<string>): boolean => {
  if (neverPasses(name) || codingNames.has(name) || named.has(name)) return false;
  return allowance.names.has(name) || allowance.prefixes.some((prefix) => name.startsWith(prefix));
};

const none: ReadonlySet<string> = new Set();

const valuesOf = (rawHeaders: readonly string[], wanted: string): string[] => {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === wanted.length && name.toLowerCase() === wanted) values.push(rawHeaders[at + 1] ?? "");
  }
  return values;
};

/** The headers that `Connection` names, lower case: they were for the hop just made (RFC 9110 section 7.6.1). */
export const connectionNamed = (rawHeaders: readonly string[]): ReadonlySet<string> => {
  const values = valuesOf(rawHeaders, "connection");
  return values.length === 0 ? none : new Set(values.flatMap((value) => value.split(",").map((name) => name.trim().toLowerCase())));
};

/** The one value of a header; undefined when it is absent or was sent more than once. `rawHeaders`: names and values in turn, as Node gives them. */
export const soleHeader = (rawHeaders: readonly string[], name: string): string | undefined => {
  const [value, second] = valuesOf(rawHeaders, name);
  return second === undefined ? value : undefined;
};

/** The headers that pass, lower-case names and values in turn; of a repeated one the first. `rawHeaders`: names and values in turn. */
export const passingHeaders = (rawHeaders: readonly string[], allowance: HeaderAllowance): string[] => {
  const named = connectionNamed(rawHeaders);
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
