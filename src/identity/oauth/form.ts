/** Parameters of the token endpoints: a form in the body, each of them at most once (RFC 6749 section 3.2). */

import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { OAuthError } from "./oauth-error.ts";

export type OAuthRequest = IncomingMessage | Http2ServerRequest;

/** An ID token with two thousand groups has some 60 KiB. */
const longestForm = 128 * 1024;
const mostParameters = 32;

export type Form = ReadonlyMap<string, string>;

const mediaTypeOf = (request: OAuthRequest): string => (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

const readBody = async (request: OAuthRequest): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestForm) throw new OAuthError("invalid_request", "The form is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Reads the form. Rejects with `invalid_request`. Parameters without a value count as left out. */
export const readForm = async (request: OAuthRequest): Promise<Form> => {
  if (mediaTypeOf(request) !== "application/x-www-form-urlencoded")
    throw new OAuthError("invalid_request", "The body must be application/x-www-form-urlencoded.");
  const body = await readBody(request);
  if (!isUtf8(body)) throw new OAuthError("invalid_request", "The form is not UTF-8.");
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body.toString("utf8"))) {
    if (form.has(name)) throw new OAuthError("invalid_request", "A parameter was sent twice.");
    if (form.size === mostParameters) throw new OAuthError("invalid_request", "There are too many parameters.");
    if (value !== "") form.set(name, value);
  }
  return form;
};

/** A parameter that must be there. */
export const required = (form: Form, name: string): string => {
  const value = form.get(name);
  if (value === undefined) throw new OAuthError("invalid_request", `The parameter ${name} is missing.`);
  return value;
};

/** A whole number of one or more; undefined when the parameter was left out. */
export const positive = (form: Form, name: string, most: number): number | undefined => {
  const value = form.get(name);
  if (value === undefined) return undefined;
  const number = /^[1-9]\d{0,9}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > most) throw new OAuthError("invalid_request", `${name} must be a whole number from 1 to ${most}.`);
  return number;
};
