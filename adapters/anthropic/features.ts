/** What a request asks the API to do on its own, which a policy must name (ARCHITECTURE.md 1.2). */

import type { FoundField } from "../shared/locate.ts";

/** A tool's type ends with the day of its version, which no policy should have to follow. */
const version = /_\d{8}$/;

/** Tools whose calls the caller's own client carries out; a tool without a type is the caller's too. Any other runs at the API. */
const clientTools = new Set(["custom", "bash", "computer", "computer_toolset", "browser_toolset", "text_editor", "memory"]);

const toolFeature = (type: string): string | undefined => {
  const name = type.replace(version, "");
  if (clientTools.has(name)) return undefined;
  return name === "mcp_toolset" ? "mcp" : name;
};

/** Where the data of an image or document comes from, other than from the request itself. */
const sourceFeatures: ReadonlyMap<unknown, string> = new Map([
  ["url", "file_url"],
  ["file", "file_id"],
]);

/** Members of the request that are features by being there. */
const memberFeatures: ReadonlyMap<string, string> = new Map([
  ["mcp_servers", "mcp"],
  ["container", "container"],
  ["skills", "skills"],
  ["fallbacks", "fallbacks"],
]);

/** An empty list asks for nothing. */
const isEmpty = ({ kind, start, end }: FoundField): boolean => kind === "null" || (kind === "array" && end - start <= "[]".length);

const featureOf = (found: FoundField): string | undefined => {
  const { name, value } = found;
  if (isEmpty(found)) return undefined;
  switch (name) {
    case "tool":
      return toolFeature(String(value));
    case "source":
      return sourceFeatures.get(value);
    case "block":
      return value === "container_upload" ? "file_id" : undefined;
    default:
      return memberFeatures.get(name);
  }
};

/** The features of a request, by the names that policies give them. Another model than the one asked for (`fallbacks`) is one too. */
export const featuresOf = (fields: readonly FoundField[]): string[] => [
  ...new Set(fields.map(featureOf).filter((feature) => feature !== undefined)),
];

/** Sources and blocks whose content is not in the request as text, in words for whoever reads it. */
const unseenKinds: ReadonlyMap<unknown, string> = new Map([
  ["base64", "an image or document"],
  ["url", "what an address leads to"],
  ["file", "a stored file"],
  ["container_upload", "a stored file"],
]);

/** What of a request somebody who reads its texts does not see. */
export const unseenIn = (fields: readonly FoundField[]): string[] => [
  ...new Set(
    fields.flatMap(({ name, value }) => {
      const unseen = name === "source" || name === "block" ? unseenKinds.get(value) : undefined;
      return unseen === undefined ? [] : [unseen];
    }),
  ),
];
