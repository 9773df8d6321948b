/** References stand in secret fields only: anywhere else they would be taken literally, which nobody means. */

import type { Finding, Path } from "../problem.ts";
import { hasReference } from "../references.ts";

const secretFields: readonly RegExp[] = [
  /^encryptionKey$/,
  /^database$/,
  /^listen\/tls\/(?:cert|key|clientCa)$/,
  /^connections\/\d+\/credential\/value$/,
  /^identities\/\d+\/apiKey$/,
  /^notifications\/\d+\/(?:url|secret)$/,
];

/** A finding at each reference outside the secret fields of a file's plain values. */
export const misplacedReferences = (value: unknown, path: Path = []): readonly Finding[] => {
  if (typeof value === "string") {
    const misplaced = hasReference(value) && !secretFields.some((field) => field.test(path.join("/")));
    return misplaced ? [{ path, message: "references are resolved only in fields that hold secrets" }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => misplacedReferences(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => misplacedReferences(item, [...path, key]));
};
