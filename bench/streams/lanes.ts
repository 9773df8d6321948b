/**
 * Measures what one token of a streamed answer costs, per API: reading, masking with every detector, writing; no sockets.
 *
 *     npx tsx bench/streams/lanes.ts [--rules]
 *
 * `--rules`: what rules about answers and a limit of output cost beside it, none of which is met.
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
import { answerDetectors } from "../../policy/index.ts";
import { compile, laneOptions, type Program } from "../../policy/masking/index.ts";
import { maskStream } from "../../src/enforcement/mask-stream.ts";
import { LaneMaskers } from "../../src/enforcement/masked.ts";
import { type OutputBound, OutputMeter } from "../../src/enforcement/output-limit.ts";
import { loadTokenCounter } from "../../src/tokens/index.ts";
import { wires } from "./wires.ts";

const rounds = 12;
const tokens = 20_000;
/** Events that one read of a socket brings: an upstream under load writes a few at a time. */
const eventsPerRead = 4;

const program = compile(catalogue, laneOptions());

/** What policies may ask besides masking. */
interface Rules {
  readonly name: string;
  readonly program: Program;
  readonly output?: OutputBound;
}

const answers = answerDetectors("bench", {
  deny: ["(?i)project (?:apollo|zeus|hera)", "\\bdrop\\s+table\\b", "(?i)confidential[ -]memo"],
  keywords: ["export", "exfiltrate", "ransomware"],
  mask: [],
});
const variants = async (): Promise<readonly Rules[]> => {
  const plain = { name: "", program };
  if (!process.argv.includes("--rules")) return [plain];
  const bound = { limit: 1_000_000, counter: await loadTokenCounter(), prompt: () => 0, met: () => {} };
  return [
    plain,
    { name: ", rules about answers", program: compile([...answers, ...catalogue], laneOptions()) },
    { name: ", limited output", program, output: bound },
  ];
};
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
const measured = async ({ grammar }: Api, reads: readonly Buffer[], rules: Rules): Promise<number> => {
  const from = cpuUs();
  const lanes = new LaneMaskers({ reader: rules.program, record: rules.program }, { piece: () => {} });
  const output = rules.output && new OutputMeter(rules.output);
  const stream = new EventStream({ grammar: grammar(), masked: true });
  let units = 0;
  for await (const batch of maskStream(batchesOf(stream, reads), stream.codec, { lanes, mustRead: true, output })) {
    for (const each of batch) units += wireText(each).length;
  }
  if (units === 0) throw new Error("nothing came out");
  return (cpuUs() - from) / tokens;
};

const everyRules = await variants();
const rows = apis.flatMap((api) =>
  everyRules.map((rules) => ({ name: api.name + rules.name, api, rules, cost: Number.POSITIVE_INFINITY })),
);
const reads = new Map(apis.map((api) => [api, readsOf(api.events)]));
for (let round = 0; round < rounds; round++) {
  for (const row of rows) row.cost = Math.min(row.cost, await measured(row.api, reads.get(row.api) ?? [], row.rules));
}
const chat = rows[0]?.cost ?? 0;
const report = [
  "| stream | µs a token | beside chat |",
  "|---|---|---|",
  ...rows.map(({ name, cost }) => `| ${name} | ${cost.toFixed(2)} | ${(cost / chat).toFixed(2)} |`),
].join("\n");
console.log(report);
