/** How a Connect call failed (Connect protocol, "Error end-stream" and "Error Details"): the JSON of unary errors and of a stream's end. */

import { type ConnectCode, isConnectCode } from "./connect-code.ts";

export interface ConnectDetail {
  /** A message's full name. */
  readonly type: string;
  /** The message, base64 without padding. */
  readonly value: string;
}

export interface ConnectFailure {
  readonly code: ConnectCode;
  readonly message: string | undefined;
  readonly details: readonly ConnectDetail[];
}

/** What the last message of a stream says. */
export interface ConnectEnd {
  readonly failure: ConnectFailure | undefined;
  /** Trailing metadata, names and values in turn. */
  readonly metadata: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const detailType = /^[A-Za-z0-9_./-]{1,255}$/;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** `debug` repeats the value in words, for people only; it is not kept. */
const readDetail = (value: unknown): readonly ConnectDetail[] => {
  if (!isObject(value) || typeof value.type !== "string" || typeof value.value !== "string") return [];
  return detailType.test(value.type) && base64.test(value.value) ? [{ type: value.type, value: value.value }] : [];
};

const readFailureObject = (value: Json): ConnectFailure | undefined => {
  if (!isConnectCode(value.code)) return undefined;
  return {
    code: value.code,
    message: typeof value.message === "string" ? value.message : undefined,
    details: Array.isArray(value.details) ? value.details.flatMap(readDetail) : [],
  };
};

/** Reads the JSON of a unary error; undefined where it is none. */
export const readConnectFailure = (text: string): ConnectFailure | undefined => {
  const value = parse(text);
  return isObject(value) ? readFailureObject(value) : undefined;
};

const readMetadata = (value: unknown): readonly string[] => {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, values]) =>
    Array.isArray(values) ? values.flatMap((one) => (typeof one === "string" ? [name.toLowerCase(), one] : [])) : [],
  );
};

/** Reads a stream's last message; undefined where it is none. An error without a code that is known is of code `unknown`. */
export const readConnectEnd = (text: string): ConnectEnd | undefined => {
  const value = text === "" ? {} : parse(text);
  if (!isObject(value)) return undefined;
  const { error } = value;
  const failure = isObject(error) ? (readFailureObject(error) ?? readFailureObject({ ...error, code: "unknown" })) : undefined;
  return { failure, metadata: readMetadata(value.metadata) };
};

const failureObject = ({ code, message, details }: ConnectFailure): Json => ({
  code,
  ...(message === undefined ? {} : { message }),
  ...(details.length === 0 ? {} : { details }),
});

export const formatConnectFailure = (failure: ConnectFailure): string => JSON.stringify(failureObject(failure));

export const formatConnectEnd = ({ failure, metadata }: ConnectEnd): string => {
  const byName: Record<string, string[]> = Object.create(null);
  for (let at = 0; at + 1 < metadata.length; at += 2) {
    const name = metadata[at] ?? "";
    byName[name] ??= [];
    byName[name].push(metadata[at + 1] ?? "");
  }
  return JSON.stringify({
    ...(failure === undefined ? {} : { error: failureObject(failure) }),
    ...(metadata.length === 0 ? {} : { metadata: byName }),
  });
};
