/** The fields of a JSON request that an adapter acts on; what it cannot act on is refused, never read as absent. */

import { GatewayError } from "../../src/envelope/error.ts";
import { JsonError } from "../../src/envelope/json/index.ts";
import { type FoundField, type Located, type LocateOptions, locate } from "./locate.ts";

/** Locates a request's texts and fields. Throws `request_invalid` for what is not strict JSON. */
export const locateRequest = (json: string, options: LocateOptions): Located => {
  try {
    return locate(json, options);
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    throw new GatewayError("request_invalid", thrown.message);
  }
};

/** What refuses a field: `request_invalid`, with the field's name for the caller's client. */
export const invalidField = (name: string, message: string): GatewayError => new GatewayError("request_invalid", message, { param: name });

/** The first field of a name; one that is null counts as absent. */
export const fieldNamed = (fields: readonly FoundField[], name: string): FoundField | undefined =>
  fields.find((field) => field.name === name && field.kind !== "null");

/** A number of things; undefined where the field is absent. Throws `request_invalid`. */
export const countOf = (fields: readonly FoundField[], name: string): number | undefined => {
  const found = fieldNamed(fields, name);
  if (found === undefined) return undefined;
  if (typeof found.value === "number" && Number.isSafeInteger(found.value) && found.value >= 0) return found.value;
  throw invalidField(name, `${name} must be a whole number.`);
};

/** A choice; false where the field is absent. Throws `request_invalid`. */
export const flagOf = (fields: readonly FoundField[], name: string): boolean => {
  const found = fieldNamed(fields, name);
  if (found === undefined) return false;
  if (typeof found.value === "boolean") return found.value;
  throw invalidField(name, `${name} must be true or false.`);
};
