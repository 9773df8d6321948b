/** The request target, read once: what is authorised is what is sent (ARCHITECTURE.md 1.3). */

import { GatewayError } from "../envelope/error.ts";

export interface Target {
  /** Canonical path, always starting with `/`. */
  readonly path: string;
  /** What follows `?`, as it came. */
  readonly query: string;
}

/** Paths that are their own canonical form: characters of RFC 3986 section 3.3, no escapes. */
const plainPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]+$/;
const escapedPath = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})+$/;
const plainQuery = /^[\x21\x24-\x7e]*$/;
const unreserved = /^[A-Za-z0-9\-._~]$/;

const refuse = (message: string): never => {
  throw new GatewayError("request_invalid", message);
};

/** Escapes that some readers decode into structure: slash, backslash, NUL and other control characters. */
const ambiguousByte = (byte: number): boolean => byte < 0x20 || byte === 0x7f || byte === 0x2f || byte === 0x5c;

/** RFC 3986 section 6.2.2: unreserved characters unescaped, all other escapes in upper case. */
const unescapePath = (path: string): string =>
  path.replace(/%(..)/g, (escaped, digits: string) => {
    const byte = Number.parseInt(digits, 16);
    if (ambiguousByte(byte)) refuse("The path is ambiguous.");
    const character = String.fromCharCode(byte);
    return unreserved.test(character) ? character : escaped.toUpperCase();
  });

const canonicalPath = (path: string): string => {
  if (plainPath.test(path)) return path;
  return escapedPath.test(path) ? unescapePath(path) : refuse("The path is not valid.");
};

/** Segments that readers resolve in different ways: empty ones, `.` and `..`. */
const ambiguousSegments = /\/\/|\/\.{1,2}(?:\/|$)/;

/**
 * Reads a request target. Only the origin form is taken (RFC 9112 section 3.2.1): the gateway is no forward proxy, and a second authority would be a
 * second reading. Throws `request_invalid`.
 */
export const readTarget = (target: string): Target => {
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark + 1);
  if (!rawPath.startsWith("/")) refuse("The request target must be a path.");
  if (!plainQuery.test(query)) refuse("The query is not valid.");
  const path = canonicalPath(rawPath);
  if (ambiguousSegments.test(path)) refuse("The path is ambiguous.");
  return { path, query };
};
