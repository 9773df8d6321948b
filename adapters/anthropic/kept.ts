/** Objects that the API keeps: which ones a call refers to, makes or lists (ARCHITECTURE.md 1.9). */

import type { Answer, CallersObjects, StoredObject } from "../../src/envelope/exchange.ts";
import { framedCodec, wireOf } from "../shared/document.ts";
import { peekFields } from "../shared/events/index.ts";
import { type FramedMessage, wireText } from "../shared/frame.ts";
import { type FoundField, fieldsOf, locate } from "../shared/locate.ts";
import { field, type PlaceTable, placeTable } from "../shared/place.ts";
import { messageOf } from "./document.ts";
import { unknownAnswerPlaces } from "./places.ts";

/** Paths below which everything is one object's. */
const roots: readonly (readonly [root: string, kind: string])[] = [
  ["/v1/messages/batches/", "batch"],
  ["/v1/files/", "file"],
];

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** The objects that a path leads to. */
export const namedByPath = (path: string): readonly StoredObject[] =>
  roots.flatMap(([root, kind]) => {
    const [segment = ""] = path.startsWith(root) ? path.slice(root.length).split("/", 1) : [];
    return segment === "" ? [] : [{ kind, id: decoded(segment) }];
  });

/** Fields of requests that hold an object's id; a container may be given as its id alone. */
const objectFields: Readonly<Record<string, string>> = { file_id: "file", container: "container", container_id: "container" };

/** The objects that a request's body names. */
export const namedByBody = (fields: readonly FoundField[]): readonly StoredObject[] =>
  fields.flatMap(({ name, value }) => {
    const kind = objectFields[name];
    return kind === undefined || typeof value !== "string" || value === "" ? [] : [{ kind, id: value }];
  });

/**
 * Where the API itself says what it keeps now. INVARIANT: nothing that a model writes (a tool's input) is among them, for a model may be talked into naming
 * an object of somebody else.
 */
const madePlaces = (message: string, block: string): PlaceTable =>
  placeTable({
    [`${message}container.id`]: field("container"),
    "delta.container.id": field("container"),
    [`${block}.file_id`]: field("file"),
    [`${block}.content.content.*.file_id`]: field("file"),
  });
const madeInMessage = madePlaces("", "content.*");
const madeInEvent = madePlaces("message.", "content_block");
const ownId: PlaceTable = placeTable({ id: field("batch") });

const objectsIn = (fields: readonly FoundField[]): readonly StoredObject[] =>
  fields.flatMap(({ name, value }) => (typeof value === "string" && value !== "" ? [{ kind: name, id: value }] : []));

/** What an operation keeps, as far as it is known before the answer. */
export interface Keeping {
  readonly operation: string;
  /** Whether the request asks the API to do something of its own, which may leave files and containers behind. */
  readonly leaves: boolean;
}

type MessageAnswer = Extract<Answer<FramedMessage>, { kind: "message" }>;
type StreamAnswer = Extract<Answer<FramedMessage>, { kind: "stream" }>;

const firstError = 400;

const isJsonAnswer = ({ head, message }: MessageAnswer): boolean =>
  head.status < firstError && head.headers["content-type"]?.includes("json") === true && typeof wireOf(message) === "string";

const listPlaces: PlaceTable = placeTable({
  data: field("data"),
  "data.*": field("entry"),
  "data.*.id": field("id"),
  first_id: field("first_id"),
  last_id: field("last_id"),
});

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const spliced = (text: string, splices: readonly Splice[]): string => {
  let result = text;
  for (const { start, end, text: instead } of splices.toSorted((one, other) => other.start - one.start)) {
    result = result.slice(0, start) + instead + result.slice(end);
  }
  return result;
};

/** A list without the entries whose id is not among these; everything else as it came. */
const withEntries = (list: string, fields: readonly FoundField[], ids: readonly string[]): string => {
  const wanted = new Set<unknown>(ids);
  const indices = new Set(fields.filter(({ name, value }) => name === "id" && wanted.has(value)).map(({ path }) => path[1]));
  const entries = fields
    .filter(({ name, path }) => name === "entry" && indices.has(path[1]))
    .map(({ start, end }) => list.slice(start, end));
  const instead = new Map<string, string>([
    ["data", `[${entries.join(",")}]`],
    ["first_id", JSON.stringify(ids[0] ?? null)],
    ["last_id", JSON.stringify(ids.at(-1) ?? null)],
  ]);
  return spliced(
    list,
    fields.flatMap(({ name, start, end }) => {
      const text = instead.get(name);
      return text === undefined ? [] : [{ start, end, text }];
    }),
  );
};

/** The answer with its list cut to what is the caller's. */
const cutList = async (answer: MessageAnswer, kind: string, objects: CallersObjects): Promise<MessageAnswer> => {
  const list = wireText(answer.message);
  const { fields } = locate(list, { table: listPlaces });
  const ids = objectsIn(fields.filter(({ name }) => name === "id")).map(({ id }) => id);
  const mine = new Set((await objects.mine(ids.map((id) => ({ kind, id })))).map(({ id }) => id));
  const cut = withEntries(
    list,
    fields,
    ids.filter((id) => mine.has(id)),
  );
  return { ...answer, message: messageOf(cut, locate(cut, { table: unknownAnswerPlaces, numbers: true })), codec: framedCodec };
};

/** The same stream; what it says is kept is claimed before the caller learns of it. */
async function* claiming(answer: StreamAnswer, objects: CallersObjects): AsyncGenerator<readonly FramedMessage[]> {
  for await (const batch of answer.batches) {
    await objects.claim(batch.flatMap((message) => objectsIn(peekFields(wireText(message), madeInEvent, undefined))));
    yield batch;
  }
}

/** The kind of the objects that an operation lists. */
const lists: ReadonlyMap<string, string> = new Map([
  ["messages.batches.list", "batch"],
  ["files.list", "file"],
]);

/** The answer as the caller may have it: what it makes is theirs, and what it lists is cut to theirs. Rejects with `recording_failed`. */
export const keeping = async (
  answer: Answer<FramedMessage>,
  { operation, leaves }: Keeping,
  objects: CallersObjects,
): Promise<Answer<FramedMessage>> => {
  if (answer.kind === "stream") return leaves ? { ...answer, batches: claiming(answer, objects) } : answer;
  if (!isJsonAnswer(answer)) return answer;
  const listed = lists.get(operation);
  if (listed !== undefined) return cutList(answer, listed, objects);
  if (leaves) await objects.claim(objectsIn(fieldsOf(wireText(answer.message), madeInMessage)));
  if (operation === "messages.batches.create") await objects.claim(objectsIn(fieldsOf(wireText(answer.message), ownId)));
  return answer;
};
