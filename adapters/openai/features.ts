/** What an upstream would do on its own because a request says so: each needs its exact name in a policy (ARCHITECTURE.md 1.2). */

import type { StoredObject } from "../../src/envelope/exchange.ts";
import type { FoundField, Located } from "../shared/locate.ts";

/** Tools that the caller runs; any other is run by the upstream, or reaches beyond it, and is a feature by its own name without a date. */
const callersTools: ReadonlySet<unknown> = new Set(["function", "custom", "namespace"]);

/** Dated versions of a tool are one feature: `web_search_preview_2025_03_11`. */
const date = /_\d{4}_\d{2}_\d{2}$/;

const isGiven = ({ kind, value }: FoundField): boolean => kind !== "null" && value !== "";

/** The feature that one field asks for; undefined where it asks for none. */
const featureOf = (field: FoundField, stored: boolean): string | undefined => {
  const { name, value } = field;
  if (!isGiven(field)) return undefined;
  switch (name) {
    case "tool":
      return callersTools.has(value) ? undefined : String(value).replace(date, "");
    case "file":
    case "file_id":
      return "file_id";
    case "web_search_options":
      return "web_search";
    case "prompt":
      return "prompt.id";
    case "item":
      return value === "item_reference" ? "item_reference" : undefined;
    case "store":
      return value === true && !stored ? "store" : undefined;
    case "background":
      return value === true ? "background" : undefined;
    default:
      return undefined;
  }
};

const isFileUrl = ({ path, kind }: Located["texts"][number]): boolean => kind === "string" && path.at(-1) === "file_url";

/** The features of a request. `stored`: the upstream keeps answers of this operation unless it is told not to, so that asking for it asks for nothing more. */
export const featuresOf = ({ fields, texts }: Pick<Located, "fields" | "texts">, stored: boolean): readonly string[] => {
  const features = new Set<string>();
  for (const field of fields) {
    const feature = featureOf(field, stored);
    if (feature !== undefined) features.add(feature);
  }
  if (texts.some(isFileUrl)) features.add("file_url");
  return [...features];
};

/** Fields by which a request brings in what stands elsewhere, in words for whoever must agree to it. */
const unseenFields: ReadonlyMap<string, string> = new Map([
  ["previous_response_id", "the stored conversation"],
  ["conversation", "the stored conversation"],
  ["prompt", "the stored prompt"],
  ["file", "a stored file"],
  ["file_id", "a stored file"],
]);

/** What of a request nobody sees who reads its texts. */
export const unseenIn = ({ fields, visibility }: Pick<Located, "fields" | "visibility">): readonly string[] => {
  const unseen = new Set<string>();
  if (visibility !== "whole") unseen.add("content that is no text");
  for (const field of fields) {
    const what = field.name === "item" && field.value === "item_reference" ? "a stored item" : unseenFields.get(field.name);
    if (what !== undefined && isGiven(field)) unseen.add(what);
  }
  return [...unseen];
};

/** Fields that hold the id of an object which the upstream keeps. */
const objectFields: Readonly<Record<string, string>> = {
  previous_response_id: "response",
  conversation: "conversation",
  file: "file",
  file_id: "file",
  stored_file: "file",
};

/** The objects that a request's body refers to. */
export const objectsOf = (fields: readonly FoundField[]): readonly StoredObject[] =>
  fields.flatMap(({ name, value }) => {
    const kind = objectFields[name];
    return kind === undefined || typeof value !== "string" || value === "" ? [] : [{ kind, id: value }];
  });
