/** No place of the OpenAI API lets a secret through, whichever way the text takes: one row for each path of each table. */

import { afterAll, describe, expect, it } from "vitest";
import { readAnswer } from "../../adapters/openai/answer.ts";
import { apiOf } from "../../adapters/openai/apis.ts";
import { type ApiKind, operationOf } from "../../adapters/openai/operations.ts";
import { parseRequest } from "../../adapters/openai/request.ts";
import { responseEvents } from "../../adapters/openai/responses/events.ts";
import { type Surface, surfaces } from "../../adapters/openai/surfaces.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import type { Place } from "../../adapters/shared/place.ts";
import { UpstreamBody } from "../../adapters/shared/upstream-body.ts";
import { detectorsNamed } from "../../policy/catalogue/index.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import {
  type Cell,
  type Column,
  judge,
  plantable,
  planted,
  plantedSecret,
  plantedText,
  printed,
  type Row,
} from "../support/leak-matrix.ts";
import { maskedMessage, maskedStream, readsOf } from "../support/masked-answers.ts";

const program = compile(detectorsNamed(["credentials"]), laneOptions());

const operations: Readonly<Record<ApiKind | "errors", readonly [method: string, path: string]>> = {
  chat: ["POST", "/v1/chat/completions"],
  completions: ["POST", "/v1/completions"],
  responses: ["POST", "/v1/responses"],
  "responses-aside": ["POST", "/v1/responses/compact"],
  "stored-response": ["GET", "/v1/responses/resp_1"],
  items: ["GET", "/v1/responses/resp_1/input_items"],
  conversation: ["POST", "/v1/conversations"],
  transcript: ["POST", "/v1/audio/transcriptions"],
  embeddings: ["POST", "/v1/embeddings"],
  moderations: ["POST", "/v1/moderations"],
  models: ["GET", "/v1/models"],
  model: ["GET", "/v1/models/m"],
  other: ["POST", "/v1/somethings"],
  errors: ["POST", "/v1/chat/completions"],
};

const kindOf = ({ api }: Surface) => operationOf(...operations[api]);

const upstreamBody = (text: string): UpstreamBody => {
  const body = new UpstreamBody({ resume: () => {}, abort: () => {} });
  body.push(Buffer.from(text));
  body.end();
  return body;
};

const answered = async (surface: Surface, document: unknown): Promise<string> => {
  const status = surface.api === "errors" ? 500 : 200;
  const rawHeaders = ["content-type", "application/json"];
  const answer = await readAnswer(
    { status, rawHeaders, body: upstreamBody(JSON.stringify(document)) },
    { kind: kindOf(surface), masked: true, stopSequences: false },
  );
  if (answer.kind !== "message") throw new Error("a whole answer is no stream");
  return wireText(maskedMessage<FramedMessage>(answer.message, answer.codec, program));
};

/** What the upstream gets of a request; one that is refused leaks nothing. */
const requested = (surface: Surface, document: unknown): string => {
  const text = JSON.stringify(document);
  try {
    const { message, codec } = parseRequest({ text, bytes: Buffer.from(text) }, kindOf(surface));
    return maskedMessage(message, codec, program).body?.bytes.toString() ?? "{}";
  } catch {
    return "{}";
  }
};

const event = (document: unknown): string => `data: ${JSON.stringify(document)}\n\n`;

/** What an event has besides the place at hand, and how its stream ends. */
interface Setting {
  readonly base: object;
  readonly ending: string;
}

const settingOf = (surface: Surface): Setting => {
  if (surface.message === "chunk") {
    const base = { id: "c1", choices: [{ index: 0 }] };
    return { base, ending: `${event({ ...base, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}data: [DONE]\n\n` };
  }
  if (surface.api === "transcript") return { base: { type: surface.event }, ending: event({ type: "transcript.text.done", text: "" }) };
  const base = { type: surface.event, sequence_number: 7, item_id: "msg_1", output_index: 0, content_index: 0 };
  const item = { type: "message", id: "msg_1", status: "completed" };
  const done = event({ type: "response.output_item.done", sequence_number: 8, output_index: 0, item });
  return { base, ending: done + event({ type: "response.completed", sequence_number: 9, response: { status: "completed" } }) };
};

const streamed = (surface: Surface, wire: string, size = wire.length): Promise<string> =>
  maskedStream(apiOf(kindOf(surface).kind).grammar(false), readsOf(wire, size), program);

const runsOn = (place: Place | undefined): boolean => place?.kind === "text" && place.scope === "stream";

/** Whether an event repeats a text that deltas said: a part of it in one event, so that characters never come one by one. */
const repeats = ({ event: type }: Surface): boolean => type !== undefined && responseEvents[type]?.role.startsWith("repeats") === true;

const inParts = ({ event: type }: Surface): boolean =>
  type !== undefined && ["content", "summary"].includes(responseEvents[type]?.kind ?? "");

const characters = (text: string): readonly string[] => [...text];

const half = Math.floor(plantedSecret.length / 2);
const halves = [plantedSecret.slice(0, half), plantedSecret.slice(half)] as const;

/** Whether elements beside each other spell one text: the lane is named above them. */
const isPart = (path: string, place: Place | undefined): boolean =>
  place?.kind === "text" && place.depth < path.split(".").length && place.depth <= path.split(".").lastIndexOf("*");

const unary = (surface: Surface, path: string, place: Place | undefined): Promise<string> | string => {
  const base = surface.message === "request" ? { model: "m" } : {};
  const document = planted(base, path, plantedText(place));
  return surface.message === "request" ? requested(surface, document) : answered(surface, document);
};

const unaryCut = async (surface: Surface, path: string): Promise<string> => {
  const base = surface.message === "request" ? { model: "m" } : {};
  const document = planted(planted(base, path, halves[0], 0), path, halves[1], 1);
  return surface.message === "request" ? requested(surface, document) : answered(surface, document);
};

const inEvents = (surface: Surface, path: string, texts: readonly unknown[]): string => {
  const { base, ending } = settingOf(surface);
  return texts.map((text) => event(planted(base, path, text))).join("") + ending;
};

/** Two parts of one item's text that follow each other, told by events of this type. */
const partsWire = (surface: Surface, path: string): string => {
  const { base, ending } = settingOf(surface);
  const added = surface.event?.includes("summary") === true ? "response.reasoning_summary_part.added" : "response.content_part.added";
  const part = (index: number) => ({ ...base, content_index: index, summary_index: index });
  const [first, second] = halves.map((text, index) => event(planted(part(index), path, text)));
  return first + event({ ...part(1), type: added, part: { type: "output_text", text: "" } }) + second + ending;
};

/** One text in two parts or elements that follow each other; where it has none, in two reads. */
const streamCut = (surface: Surface, path: string, place: Place | undefined): Promise<string> => {
  const { base, ending } = settingOf(surface);
  if (runsOn(place) && inParts(surface)) return streamed(surface, partsWire(surface, path));
  if (runsOn(place) && !repeats(surface)) return streamed(surface, inEvents(surface, path, halves));
  if (isPart(path, place)) return streamed(surface, event(planted(planted(base, path, halves[0], 0), path, halves[1], 1)) + ending);
  const wire = inEvents(surface, path, [plantedText(place)]);
  return streamed(surface, wire, wire.indexOf(plantedSecret) + half);
};

const judged = async (wire: Promise<string> | string): Promise<Cell> => judge(await wire);

const cellsOf = async (surface: Surface, path: string, place: Place | undefined): Promise<Row["cells"]> => {
  const none: Record<Column, Cell> = { unary: "·", stream: "·", "1-character deltas": "·", "cut at boundaries": "·" };
  if (surface.message === "request" || surface.message === "answer") {
    const cut = isPart(path, place) ? await judged(unaryCut(surface, path)) : "·";
    return { ...none, unary: await judged(unary(surface, path, place)), "cut at boundaries": cut };
  }
  const whole = inEvents(surface, path, [plantedText(place)]);
  const json = place?.kind === "text" && place.syntax === "json";
  const text = json ? JSON.stringify({ k: plantedSecret }) : plantedSecret;
  const slow =
    runsOn(place) && !repeats(surface) ? streamed(surface, inEvents(surface, path, characters(text))) : streamed(surface, whole, 1);
  return {
    ...none,
    stream: await judged(streamed(surface, whole)),
    "1-character deltas": await judged(slow),
    "cut at boundaries": await judged(streamCut(surface, path, place)),
  };
};

/** Callers' own identifiers and settings go to the upstream as they are. */
const isIdentifier = (place: Place | undefined): boolean => place?.kind === "token" || place?.kind === "field";

const rows: Row[] = [];

afterAll(() => {
  process.stdout.write(`${printed(rows)}\n`);
});

describe.each(surfaces.map((surface) => ({ surface, name: `${surface.api} ${surface.event ?? surface.message}` })))(
  "$name",
  ({ surface, name }) => {
    it("lets no secret through at any of its places, nor where no table looks", async () => {
      for (const [path, place] of plantable(surface.places)) {
        if (surface.message === "request" && isIdentifier(place)) continue;
        const cells = await cellsOf(surface, path, place);
        rows.push({ api: surface.api, message: name.slice(surface.api.length + 1), path, kind: place?.kind ?? "data", cells });
      }
      const own = rows.filter(({ api, message }) => api === surface.api && message === (surface.event ?? surface.message));
      expect(own.length).toBeGreaterThan(2);
      expect(own.filter(({ cells }) => Object.values(cells).includes("leak"))).toEqual([]);
    });
  },
);
