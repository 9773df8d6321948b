/**
 * Measures what one token of a streamed answer costs, per API: reading, masking with every detector, writing; no sockets.
 *
 *     npx tsx bench/streams/lanes.ts
 *
 * The whole gateway is measured by run.ts; this tells where its part comes from. CPU time of this process, the best of some rounds: a busy machine makes a round slower, never faster. What counts is the ratio to chat within one run.
 */

import { MessageGrammar } from "../../adapters/anthropic/message-grammar.ts";
import { ChunkGrammar } from "../../adapters/openai/chunk-grammar.ts";
import { chatChunkPlaces, completionsChunkPlaces } from "../../adapters/openai/places.ts";
import { ResponsesGrammar } from "../../adapters/openai/responses/grammar.ts";
import { EventStream, type StreamGrammar } from "../../adapters/shared/events/index.ts";
import { type FramedMessage, wireText } from "../../adapters/shared/frame.ts";
import { catalogue } from "../../policy/catalogue/index.ts";
import { compile, laneOptions } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import { wires } from "./wires.ts";

const rounds = 12;
const tokens = 20_000;
/** Events that one read of a socket brings: an upstream under load writes a few at a time. */
const eventsPerRead = 4;

const program = compile(catalogue, laneOptions());
interface Api {
  readonly name: string;
  readonly grammar: () => StreamGrammar;
  readonly events: readonly string[];
}

const apis: readonly Api[] = [
  {
    name: "chat completions",
    grammar: () => new ChunkGrammar(chatChunkPlaces, false),
    events: wires.chat(tokens),
  },
  {
    name: "completions",
    grammar: () => new ChunkGrammar(completionsChunkPlaces, false),
    events: wires.completions(tokens),
  },
  { name: "responses", grammar: () => new ResponsesGrammar(), events: wires.responses(tokens) },
  { name: "messages", grammar: () => new MessageGrammar(), events: wires.messages(tokens) },
];

const readsOf = (events: readonly string[]): readonly Buffer[] =>
  Array.from({ length: Math.ceil(events.length / eventsPerRead) }, (_, at) =>
    Buffer.from(events.slice(at * eventsPerRead, (at + 1) * eventsPerRead).join("")),
  );

async function* batchesOf(stream: EventStream, reads: readonly Buffer[]): AsyncGenerator<readonly FramedMessage[]> {
  for (const read of reads) {
    let out: FramedMessage[] = [];
    stream.push(read, out);
    while (stream.paused) {
      yield out;
      out = [];
      stream.readOn(out);
    }
    if (out.length > 0) yield out;
  }
}

const cpuUs = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Microseconds a token, of one stream from its first byte to its last. */
const measured = async ({ grammar }: Api, reads: readonly Buffer[]): Promise<number> => {
  const from = cpuUs();
  const lanes = new LaneMaskers({ reader: program, record: program }, { piece: () => {} });
  const stream = new EventStream({ grammar: grammar(), masked: true });
  let units = 0;
  for await (const batch of maskStream(batchesOf(stream, reads), stream.codec, { lanes, mustRead: true })) {
    for (const each of batch) units += wireText(each).length;
  }
  if (units === 0) throw new Error("nothing came out");
  return (cpuUs() - from) / tokens;
};

const rows: { readonly name: string; cost: number }[] = apis.map(({ name }) => ({ name, cost: Number.POSITIVE_INFINITY }));
const reads = apis.map(({ events }) => readsOf(events));
for (let round = 0; round < rounds; round++) {
  for (const [index, api] of apis.entries()) {
    const row = rows[index];
    const bytes = reads[index];
    if (row === undefined || bytes === undefined) continue;
    row.cost = Math.min(row.cost, await measured(api, bytes));
  }
}
const chat = rows[0]?.cost ?? 0;
const report = [
  "| stream | µs a token | beside chat |",
  "|---|---|---|",
  ...rows.map(({ name, cost }) => `| ${name} | ${cost.toFixed(2)} | ${(cost / chat).toFixed(2)} |`),
].join("\n");
console.log(report);
