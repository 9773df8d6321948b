/**
 * What a log line may say: named fields of known types, cut to size. A field that is not listed here is dropped, so that no body, query string,
 * credential or message of a foreign error can get into a log by being handed over (ARCHITECTURE.md 1.9).
 */

/** Characters kept of a text; what is longer ends in an ellipsis. */
const longestText = 200;
/** Stack frames kept of an error. */
const mostFrames = 8;

type Kind = "text" | "number" | "flag" | "error";

/** Every field and its type. Durations are milliseconds unless the name says otherwise. */
const kinds = {
  session: "text",
  connection: "text",
  operation: "text",
  surface: "text",
  outcome: "text",
  reason: "text",
  note: "text",
  fault: "text",
  issuer: "text",
  role: "text",
  component: "text",
  signal: "text",
  revision: "text",
  migration: "text",
  folder: "text",
  file: "text",
  address: "text",
  port: "number",
  adminPort: "number",
  pid: "number",
  status: "number",
  count: "number",
  bytes: "number",
  durationMs: "number",
  adopted: "flag",
  err: "error",
} as const satisfies Readonly<Record<string, Kind>>;

interface Types {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly error: unknown;
}

/** The fields of one line; an undefined one is left out. */
export type LogFields = { readonly [Name in keyof typeof kinds]?: Types[(typeof kinds)[Name]] | undefined };

/** What of an error may be logged. Its message may not: parsers and databases quote what they were given. */
interface LoggedError {
  readonly name: string;
  readonly reason?: string;
  readonly note?: string;
  readonly code?: string;
  readonly syscall?: string;
  readonly frames?: readonly string[];
  readonly cause?: LoggedError;
}

const cut = (text: string): string => (text.length <= longestText ? text : `${text.slice(0, longestText)}…`);

const textIn = (value: object, name: string): Record<string, string> => {
  const found: unknown = Reflect.get(value, name);
  return typeof found === "string" ? { [name]: cut(found) } : {};
};

/** Lines of the stack that name a place; the others repeat the message. */
const framesOf = ({ stack }: Error): readonly string[] =>
  (stack ?? "")
    .split("\n")
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, mostFrames)
    .map((line) => cut(line.trim()));

/** Causes are followed so deep; an error that is its own cause ends there too. */
const deepestCause = 4;

const describeError = (thrown: unknown, depth = 0): LoggedError => {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const known = { ...textIn(thrown, "reason"), ...textIn(thrown, "note"), ...textIn(thrown, "code"), ...textIn(thrown, "syscall") };
  const cause = thrown.cause === undefined || depth >= deepestCause ? {} : { cause: describeError(thrown.cause, depth + 1) };
  return { name: cut(thrown.name), ...known, frames: framesOf(thrown), ...cause };
};

const readers: Readonly<Record<Kind, (value: unknown) => unknown>> = {
  text: (value) => (typeof value === "string" ? cut(value) : undefined),
  number: (value) => (typeof value === "number" ? value : undefined),
  flag: (value) => (typeof value === "boolean" ? value : undefined),
  error: (value) => (value === undefined ? undefined : describeError(value)),
};

const isField = (name: string): name is keyof typeof kinds => Object.hasOwn(kinds, name);

/** The fields as they are logged: the listed ones that have their type. */
export const loggedFields = (fields: LogFields): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!isField(name)) continue;
    const read = readers[kinds[name]](value);
    if (read !== undefined) kept[name] = read;
  }
  return kept;
};
