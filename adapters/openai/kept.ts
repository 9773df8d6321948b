/** Objects that the upstream keeps: which ones a call refers to, makes or lists (ARCHITECTURE.md 1.9). */

import type { Answer, CallersObjects, StoredObject } from "../../src/envelope/exchange.ts";
import { framedCodec, framedDocument, wireOf } from "../shared/document.ts";
import { peekFields } from "../shared/events/index.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type FoundField, fieldsOf, locate } from "../shared/locate.ts";
import { field, type PlaceTable, placeTable } from "../shared/place.ts";
import { entriesOf } from "./entries.ts";
import { unknownAnswerPlaces } from "./places.ts";

/** The kind of the objects at a root of paths. What stands below them is theirs, and reached through them alone. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["responses", "response"],
  ["conversations", "conversation"],
  ["chat", "completion"],
  ["files", "file"],
  ["uploads", "upload"],
  ["batches", "batch"],
  ["vector_stores", "vector_store"],
  ["videos", "video"],
  ["containers", "container"],
  ["assistants", "assistant"],
  ["threads", "thread"],
  ["fine_tuning", "fine_tuning_job"],
]);
const owned: ReadonlySet<string> = new Set(kinds.values());

/** The kind of the objects that a path's first segment stands for; undefined where the upstream keeps none there. */
export const keptKindOf = (segment: string): string | undefined => kinds.get(segment);

/** Those of some objects that have owners. */
export const withOwners = (objects: readonly StoredObject[]): readonly StoredObject[] => objects.filter(({ kind }) => owned.has(kind));

/** The ids that an answer gives: its own, and those of files that it says were made. */
const answerIds: PlaceTable = placeTable({
  id: field("id"),
  ...Object.fromEntries(["file.id", "output_file_id", "error_file_id", "result_files.*"].map((path) => [path, field("file")])),
});
const eventIds: PlaceTable = placeTable({ "response.id": field("id") });

const firstError = 400;

const idsIn = (fields: readonly FoundField[], own: string | undefined): readonly StoredObject[] =>
  fields.flatMap(({ name, value }) => {
    const kind = name === "id" ? own : name;
    return kind === undefined || typeof value !== "string" || value === "" ? [] : [{ kind, id: value }];
  });

/** What an operation keeps, as far as it is known before the answer. */
export interface Keeping {
  /** The kind of the object that the answer is; undefined where it is none, or is not kept. */
  readonly creates: string | undefined;
  readonly lists: string | undefined;
}

type MessageAnswer = Extract<Answer<FramedMessage>, { kind: "message" }>;
type StreamAnswer = Extract<Answer<FramedMessage>, { kind: "stream" }>;

const isJsonAnswer = ({ head, message }: MessageAnswer): boolean =>
  head.status < firstError && head.headers["content-type"]?.includes("json") === true && typeof wireOf(message) === "string";

/** The answer with its list cut to what is the caller's. */
const cutList = async (answer: MessageAnswer, kind: string, objects: CallersObjects): Promise<MessageAnswer> => {
  const list = wireText(answer.message);
  const entries = entriesOf(list);
  const mine = new Set((await objects.mine([...entries.keys()].map((id) => ({ kind, id })))).map(({ id }) => id));
  const kept = [...entries].filter(([id]) => mine.has(id));
  const ends = { first_id: kept[0]?.[0] ?? null, last_id: kept.at(-1)?.[0] ?? null, has_more: hasMore(list) };
  const document = `{"object":"list","data":[${kept.map(([, entry]) => entry).join(",")}],${JSON.stringify(ends).slice(1)}`;
  const located = locate(document, { table: unknownAnswerPlaces, numbers: true });
  return { ...answer, message: framedDocument(document, located, { dropEchoes: false }), codec: framedCodec };
};

const morePlaces: PlaceTable = placeTable({ has_more: field("has_more") });
const hasMore = (list: string): boolean => fieldsOf(list, morePlaces)[0]?.value === true;

/** The same stream; what it says is kept is claimed before the caller learns of it. Once it is known, nothing stands in the way of what follows. */
const claimingStream = (answer: StreamAnswer, kind: string, objects: CallersObjects): StreamAnswer => {
  const iterator = answer.batches[Symbol.asyncIterator]();
  let claimed = false;
  const first = async (): Promise<IteratorResult<readonly FramedMessage[]>> => {
    const read = await iterator.next();
    if (read.done === true) return read;
    const ids = read.value.flatMap((message) => idsIn(peekFields(wireText(message), eventIds, undefined), kind)).slice(0, 1);
    claimed = ids.length > 0;
    await objects.claim(ids);
    return read;
  };
  const next = (): Promise<IteratorResult<readonly FramedMessage[]>> => (claimed ? iterator.next() : first());
  const leave = async (): Promise<IteratorResult<readonly FramedMessage[]>> =>
    (await iterator.return?.()) ?? { done: true, value: undefined };
  return { ...answer, batches: { [Symbol.asyncIterator]: () => ({ next, return: leave }) } };
};

/** The answer as the caller may have it: what it makes is theirs, and what it lists is cut to theirs. Rejects with `recording_failed`. */
export const keeping = async (
  answer: Answer<FramedMessage>,
  { creates, lists }: Keeping,
  objects: CallersObjects,
): Promise<Answer<FramedMessage>> => {
  if (answer.kind === "stream") return creates === undefined ? answer : claimingStream(answer, creates, objects);
  if ((creates === undefined && lists === undefined) || !isJsonAnswer(answer)) return answer;
  if (lists !== undefined) return cutList(answer, lists, objects);
  await objects.claim(idsIn(fieldsOf(wireText(answer.message), answerIds), creates));
  return answer;
};
