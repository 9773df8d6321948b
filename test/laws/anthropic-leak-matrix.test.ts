/** No place of the Messages API lets a secret through, whichever way the text takes: one row for each path of each table. */

import { afterAll, describe, expect, it } from "vitest";
import { readDocument } from "../../adapters/anthropic/answer.ts";
import { readMessage } from "../../adapters/anthropic/message.ts";
import { operationOf } from "../../adapters/anthropic/operations.ts";
import { parseRequest, requestCodec } from "../../adapters/anthropic/request.ts";
import { answerCodec } from "../../adapters/anthropic/signatures.ts";
import { messageStream } from "../../adapters/anthropic/stream.ts";
import { type Surface, surfaces } from "../../adapters/anthropic/surfaces.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { type Place, placeTable } from "../../adapters/shared/place.ts";
import { detectorsNamed } from "../../policy/catalogue/index.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { StreamMasker } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import { type Block, blockEvents, type Cutter, eventOf, messageEvents, messageOf } from "../support/anthropic-messages.ts";
import { piecesOf } from "../support/cuts.ts";
import {
  type Cell,
  type Column,
  judge,
  plantable,
  planted,
  plantedLabel,
  plantedSecret,
  plantedText,
  printed,
  type Row,
} from "../support/leak-matrix.ts";
import { maskedMessage, readsOf } from "../support/masked-answers.ts";

const program = compile(detectorsNamed(["credentials"]), laneOptions());

const whole = (surface: Surface, document: object): string => {
  const text = JSON.stringify(document);
  if (surface.message === "request") {
    const { message } = parseRequest({ text, bytes: Buffer.from(text) }, operationOf("POST", "/v1/messages"));
    return maskedMessage(message, requestCodec, program).body?.bytes.toString() ?? "";
  }
  const read = surface.api === "messages" ? readMessage(text) : readDocument(text, placeTable(surface.places));
  return wireText(maskedMessage(read, answerCodec, program));
};

/** The stream as the caller gets it. */
const streamed = (wire: string, size = wire.length): string => {
  const { events, codec } = messageStream();
  const masker = new StreamMasker(codec, {
    lanes: new LaneMaskers({ reader: program, record: program }, { piece: () => {} }),
    mustRead: true,
  });
  const out: FramedMessage[] = [];
  const read: FramedMessage[] = [];
  const drain = (): void => {
    for (const message of read.splice(0)) masker.push(message, out);
  };
  for (const bytes of readsOf(wire, size)) {
    events.push(bytes, read);
    drain();
    while (events.paused) {
      events.readOn(read);
      drain();
    }
  }
  events.end(read);
  drain();
  return out.map(wireText).join("");
};

const hello: Block = { type: "text", text: "hello " };

/** A whole stream with one event replaced, or added inside a block where it has none of its type. */
const around = (type: string, event: string): string => {
  const events = messageEvents({ content: [hello, hello] }, (text) => [text]);
  const at = events.findIndex((each) => each.startsWith(`event: ${type}\n`));
  return (at < 0 ? [...events.slice(0, 4), event, ...events.slice(4)] : [...events.slice(0, at), event, ...events.slice(at + 1)]).join("");
};

const one: Cutter = (text) => piecesOf(text, 1);
const halves: Cutter = (text) => [text.slice(0, plantedSecret.length / 2), text.slice(plantedSecret.length / 2)];

/** Blocks that say the secret in running texts, by the last name of the place; each between two others. */
const spoken = `${plantedSecret} `;

const running: Readonly<Record<string, readonly Block[]>> = {
  text: [{ type: "text", text: spoken }],
  thinking: [{ type: "thinking", thinking: spoken, signature: "" }],
  partial_json: ["tool_use", "server_tool_use", "mcp_tool_use"].map((type) => ({ type, id: "1", name: "n", input: { k: plantedSecret } })),
};

const blocksOf = (path: string): readonly Block[] => running[path.split(".").at(-1) ?? ""] ?? [];

const saying = (content: readonly Block[], cut: Cutter): string => messageEvents({ content: [hello, ...content, hello] }, cut).join("");

/** Two adjacent text blocks, the secret cut between them; of other blocks two deltas. */
const cutBlocks = (path: string): string =>
  path.endsWith(".text")
    ? saying(
        halves(spoken).map((text) => ({ type: "text", text })),
        (text) => [text],
      )
    : saying(blocksOf(path), halves);

const runsOn = (place: Place | undefined): boolean => place?.kind === "text" && place.scope === "stream";

/** What only the API can read is emptied where it changes, and bears no label then. */
const isSeal = (path: string): boolean => /(?:^|\.)(?:signature|data)$/.test(path);

/** A cell passes where the secret is gone and its label came: what is not there at all proves nothing. */
const judged = (path: string, wire: string): Cell => (wire.includes(plantedLabel) || isSeal(path) ? judge(wire) : "leak");

const none: Readonly<Record<Column, Cell>> = { unary: "·", stream: "·", "1-character deltas": "·", "cut at boundaries": "·" };

const wholeCells = (surface: Surface, path: string, place: Place | undefined): Row["cells"] => {
  const base = surface.message === "request" ? { model: "m" } : surface.api === "messages" ? messageOf({ content: [] }) : {};
  const document = planted(base, path, plantedText(place));
  if (typeof document !== "object" || document === null) return none;
  const cells = { ...none, unary: judged(path, whole(surface, document)) };
  if (!path.endsWith("*.text")) return cells;
  const blocks = halves(plantedSecret).map((text) => ({ type: "text", text }));
  const inTwo = planted(base, path.slice(0, -".*.text".length), blocks);
  return typeof inTwo === "object" && inTwo !== null ? { ...cells, "cut at boundaries": judged(path, whole(surface, inTwo)) } : cells;
};

/** Bytes of a read that cuts every value; one byte at a time costs too much for thousands of rows. */
const smallRead = 11;

const eventCells = (type: string, path: string, place: Place | undefined): Row["cells"] => {
  const said = planted({ index: 0 }, path, plantedText(place, runsOn(place) ? spoken : plantedSecret));
  const wire = around(type, eventOf(type, typeof said === "object" && said !== null ? { ...said } : {}));
  const runs = runsOn(place) && type === "content_block_delta";
  const slow = runs ? streamed(saying(blocksOf(path), one), smallRead) : streamed(wire, smallRead);
  const cut = runs ? streamed(cutBlocks(path)) : streamed(wire, wire.indexOf(plantedSecret) + plantedSecret.length / 2);
  return {
    ...none,
    stream: judged(path, streamed(wire)),
    "1-character deltas": judged(path, slow),
    "cut at boundaries": judged(path, cut),
  };
};

/** Callers' own identifiers, settings and seals go to the upstream as they are. */
const passesOn = (place: Place | undefined): boolean => place?.kind === "token" || place?.kind === "field" || place?.kind === "sealed";

const rows: Row[] = [];

afterAll(() => {
  process.stdout.write(`${printed(rows)}\n`);
});

/** The member by which an event is read at all. */
const isType = (surface: Surface, path: string): boolean => surface.event !== undefined && path === "type";

describe.each(surfaces.map((surface) => ({ surface, name: `${surface.api} ${surface.event ?? surface.message}` })))(
  "$name",
  ({ surface, name }) => {
    it("lets no secret through at any of its places, nor where no table looks", () => {
      const own: Row[] = [];
      for (const [path, place] of plantable(surface.places)) {
        if (isType(surface, path) || (surface.message === "request" && passesOn(place))) continue;
        const cells = surface.event === undefined ? wholeCells(surface, path, place) : eventCells(surface.event, path, place);
        own.push({ api: surface.api, message: name.slice(surface.api.length + 1), path, kind: place?.kind ?? "data", cells });
      }
      rows.push(...own);
      expect(own.length).toBeGreaterThan(1);
      expect(own.filter(({ cells }) => Object.values(cells).includes("leak"))).toEqual([]);
    });
  },
);

describe("a whole message", () => {
  it.each([
    { [plantedSecret]: 1 },
    { content: [{ [plantedSecret]: 1 }] },
    { content: [{ type: "hologram", content: { [plantedSecret]: { text: "x" } } }] },
    { content: { [plantedSecret]: { type: "text" } } },
    { content: [{ type: "tool_use", input: { [plantedSecret]: [plantedSecret] } }] },
  ])("lets no secret through as a key: %j", (over) => {
    const answer = surfaces.find(({ api, message }) => api === "messages" && message === "answer");
    const wire = answer === undefined ? "" : whole(answer, { ...messageOf({ content: [] }), ...over });
    expect(judged("", wire)).toBe("pass");
  });

  it.each(Array.from(plantedSecret, (_, at) => at))(
    "lets no secret through that is cut at character %i between two blocks, streamed",
    (at) => {
      const content = [plantedSecret.slice(0, at), plantedSecret.slice(at)].map((text) => ({ type: "text", text }));
      const events = [...content.flatMap((block, index) => blockEvents(block, index, one))];
      const wire = messageEvents({ content: [] }, one)
        .toSpliced(2, 0, ...events)
        .join("");
      expect(judged("", streamed(wire, smallRead))).toBe("pass");
    },
  );
});
