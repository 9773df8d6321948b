/** Who wrote the texts of a request: a message's role, where the table leaves it open. */

import type { Author } from "../../src/envelope/text.ts";
import type { FoundField, FoundText } from "../shared/locate.ts";

/** The role's author; a role nobody knows is read as the user's, whom prompt rules look at. */
const authorOfRole = (role: unknown): Author => {
  if (role === "assistant") return "assistant";
  return role === "system" ? "system" : "user";
};

/** Overrules the table's author for the words of messages, and for what is walked in the definitions of tools: the model reads those as instructions. */
export const authorsOf = (fields: readonly FoundField[]): ((found: FoundText) => Author | undefined) => {
  const roles = new Map(fields.filter(({ name }) => name === "role").map(({ path, value }) => [path[1], authorOfRole(value)]));
  return ({ path, place, kind }) => {
    if (place === undefined) return path[0] === "tools" && kind === "string" ? "system" : undefined;
    return place.kind === "text" && place.author === "user" && path[0] === "messages" ? (roles.get(path[1]) ?? "user") : undefined;
  };
};
