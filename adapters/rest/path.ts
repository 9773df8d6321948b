/** A request's path as a text: shown and recorded like any other, and never sent otherwise than it was authorised (ARCHITECTURE.md 1.3). */

import { GatewayError } from "../../src/envelope/error.ts";
import type { RestMessage, TextPart } from "./message.ts";
import { partOf } from "./parts.ts";

/** A segment that is a word of an API: letters alone, or few and short with a digit or two, as versions and names of models have. Secrets of any form are longer. */
const word = /^(?:[A-Za-z][A-Za-z_.-]{0,23}|(?=.*[a-z])(?=(?:\D*\d){1,3}\D*$)[A-Za-z][A-Za-z0-9_.-]{0,15})?$/;

/** A canonical path as the name of an operation, which stands in records and policies: whatever is no word of an API is `*`. */
export const pathName = (path: string): string =>
  path
    .split("/")
    .map((segment) => (word.test(segment) ? segment : "*"))
    .join("/");

/** A path that is nothing but words of an API, as most are: it is no text of the caller's. */
const plainPath = /^(?:\/(?:[a-z][a-z_-]{0,31}|v\d{1,3})){0,8}\/?$/;

const unescaped = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** A canonical path as a message shows it. */
export const readPath = (path: string): readonly TextPart[] =>
  plainPath.test(path) ? [] : [partOf(path, { author: "data", path: ["path"], text: unescaped(path) })];

/** Throws `content_unreadable` where masking has changed the path: it cannot be sent masked, and must not be sent as it is. */
export const checkPath = (path: string, message: RestMessage): void => {
  if (message.path.every(({ text }) => text === unescaped(path))) return;
  throw new GatewayError("content_unreadable", "Policy masks what stands in the path, and a path cannot be sent masked.");
};
