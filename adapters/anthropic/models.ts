/** `GET /v1/models`: the models of every connection that the caller may use, in one list, which the gateway cuts into pages itself. */

import { GatewayError } from "../../src/envelope/error.ts";
import type { Answer, AnswerHead } from "../../src/envelope/exchange.ts";
import { framedCodec } from "../shared/document.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { locate } from "../shared/locate.ts";
import { field, placeTable } from "../shared/place.ts";
import { messageOf } from "./document.ts";
import { sessionHeader } from "./error.ts";
import { modelListPlaces } from "./places.ts";
import { isApiWord } from "./vocabulary.ts";

/** One connection's list, and which of its models the caller may use. */
export interface ModelSource {
  readonly answer: Answer<FramedMessage>;
  readonly mayUse: (model: string) => boolean;
}

/** Models asked of an upstream at once: the most that the API gives on a page, and more than it has. */
const mostModels = 1_000;
/** Models on a page when the caller does not say, as the API has it. */
const defaultPage = 20;

/** The query that every upstream is asked with. */
export const listQuery = `limit=${mostModels}`;

const okStatus = 200;

const headOf = (session: string): AnswerHead => ({
  status: okStatus,
  headers: { "content-type": "application/json", ...sessionHeader(session) },
});

const entryPlaces = placeTable({ "data.*": field("entry"), "data.*.id": field("id") });

/** A model as its list writes it. */
interface Entry {
  readonly id: string;
  readonly json: string;
}

const entriesOf = (list: string): Entry[] => {
  const { fields } = locate(list, { table: entryPlaces });
  const written = new Map(fields.filter(({ name }) => name === "entry").map(({ path, start, end }) => [path[1], list.slice(start, end)]));
  return fields.flatMap(({ name, path, value }) => {
    const json = written.get(path[1]);
    return name === "id" && typeof value === "string" && json !== undefined ? [{ id: value, json }] : [];
  });
};

const isList = ({ answer }: ModelSource): boolean => answer.kind === "message" && answer.head.status === okStatus;

/** The models that the caller may use, the first of an id. */
const usable = (lists: readonly ModelSource[]): Entry[] => {
  const models = new Map<string, Entry>();
  for (const { answer, mayUse } of lists) {
    if (answer.kind !== "message") continue;
    for (const entry of entriesOf(wireText(answer.message))) if (mayUse(entry.id) && !models.has(entry.id)) models.set(entry.id, entry);
  }
  return [...models.values()];
};

const pageSize = (asked: string | null): number => {
  const size = Number(asked ?? defaultPage);
  if (Number.isSafeInteger(size) && size >= 1 && size <= mostModels) return size;
  throw new GatewayError("request_invalid", `limit must be a whole number from 1 to ${mostModels}.`, { param: "limit" });
};

interface Page {
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** The page that a query asks for. A cursor that names no model of the list starts at its beginning. */
const pageOf = (models: readonly Entry[], query: string): Page => {
  const asked = new URLSearchParams(query);
  const size = pageSize(asked.get("limit"));
  const after = models.findIndex(({ id }) => id === asked.get("after_id"));
  const before = models.findIndex(({ id }) => id === asked.get("before_id"));
  if (before < 0) return { entries: models.slice(after + 1, after + 1 + size), more: models.length > after + 1 + size };
  return { entries: models.slice(Math.max(0, before - size), before), more: before > size };
};

const listJson = ({ entries, more }: Page): string => {
  const cursors = `"first_id":${JSON.stringify(entries[0]?.id ?? null)},"last_id":${JSON.stringify(entries.at(-1)?.id ?? null)}`;
  return `{"data":[${entries.map(({ json }) => json).join(",")}],"has_more":${more},${cursors}}`;
};

/** The caller's query, and the session that it belongs to. */
export interface Asked {
  readonly query: string;
  readonly session: string;
}

/** The lists as one, without the models that the caller may not use. Lists that are none are left out; where no list is left, the first answer stands. */
export const mergeModels = (sources: readonly [ModelSource, ...ModelSource[]], { query, session }: Asked): Answer<FramedMessage> => {
  const lists = sources.filter(isList);
  if (lists.length === 0) return sources[0].answer;
  const document = listJson(pageOf(usable(lists), query));
  const message = messageOf(document, locate(document, { table: modelListPlaces, passes: isApiWord }));
  return { kind: "message", head: headOf(session), message, codec: framedCodec };
};

/** The answers that came; throws the first failure when none did. */
export const answered = <T>(results: readonly PromiseSettledResult<T>[]): readonly [T, ...T[]] => {
  const [first, ...rest] = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (first !== undefined) return [first, ...rest];
  const failed = results.find((result) => result.status === "rejected");
  throw GatewayError.from(failed?.reason);
};
