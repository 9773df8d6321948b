/** What an object of the database may not hold, though it has the right shape: nothing in it may lead to this machine's files and variables. */

import type { PlainMap } from "../documents.ts";
import type { Finding, Path } from "../problem.ts";
import { hasReference } from "../references.ts";

/** What PostgreSQL does not keep: NUL, and half of a surrogate pair. */
const unkept = /[\0\p{Surrogate}]/u;

/** What is wrong with a text, wherever it stands. */
const wrongText = (text: string): string | undefined => {
  if (hasReference(text)) return "references are resolved only by the process that opened a file";
  return unkept.test(text) ? "must not contain NUL or half a surrogate pair" : undefined;
};

const textFindings = (value: unknown, path: Path): readonly Finding[] => {
  if (typeof value === "string") {
    const message = wrongText(value);
    return message === undefined ? [] : [{ path, message }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => textFindings(part, [...path, Array.isArray(value) ? Number(key) : key]));
};

/** Keys of `descriptors` that name files. */
const fileKeys = ["file", "proto", "roots"] as const;

const fileFindings = ({ descriptors }: PlainMap): readonly Finding[] =>
  fileKeys.flatMap((key) =>
    typeof descriptors === "object" && descriptors !== null && Object.hasOwn(descriptors, key)
      ? [
          {
            path: ["descriptors", key],
            message: "names files, which only the gateway's own configuration file may: use builtin or reflection",
          },
        ]
      : [],
  );

/** Findings by path within a document of the right shape. INVARIANT: it has the depth that its schema gives it, at most. */
export const documentFindings = (document: PlainMap): readonly Finding[] => [...textFindings(document, []), ...fileFindings(document)];
