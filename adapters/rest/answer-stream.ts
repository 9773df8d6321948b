/** Answers that are read as they come: which reader a kind of body has, and the batches of its messages. */

import { decodedBody } from "../shared/answer-body.ts";
import type { PlaceTable } from "../shared/place.ts";
import type { UpstreamAnswer } from "../shared/upstream-http.ts";
import { type BodyStream, ByteStream, TextBody } from "./body-stream.ts";
import type { EchoTable } from "./echoes.ts";
import { EventStream } from "./event-stream.ts";
import { JoinedLanes } from "./joined.ts";
import { LineStream } from "./line-stream.ts";
import type { BodyKind } from "./media.ts";
import type { RestMessage } from "./message.ts";
import { TextStream } from "./text-stream.ts";

/** What is known of the messages of a stream. */
export interface MessageTables {
  readonly joins: PlaceTable;
  /** What is taken away; undefined: nothing is. */
  readonly echoes: EchoTable | undefined;
}

/** The reader of a kind of body. */
export const streamOf = (kind: BodyKind, { joins, echoes }: MessageTables): BodyStream => {
  switch (kind) {
    case "events":
      return new TextBody(new EventStream({ table: joins, lineFeed: "\ndata: ", echoes }, new JoinedLanes()));
    case "lines":
      return new TextBody(new LineStream({ table: joins, lineFeed: "\n", echoes }, new JoinedLanes()));
    case "json":
      return new TextBody(new TextStream("json"));
    case "text":
    case "form":
    case "unknown":
      return new TextBody(new TextStream(undefined));
    case "multipart":
    case "media":
      return new ByteStream();
  }
};

/** Runs a step that reads messages. What broke on its way is thrown once the messages before it have been passed on. */
function* reading(step: (out: RestMessage[]) => void): Generator<readonly RestMessage[]> {
  const out: RestMessage[] = [];
  let broken: { readonly thrown: unknown } | undefined;
  try {
    step(out);
  } catch (thrown) {
    broken = { thrown };
  }
  if (out.length > 0) yield out;
  if (broken !== undefined) throw broken.thrown;
}

/** The messages of an answer, `first` before those of its body. Throws `upstream_*`; leaving early cancels the upstream. */
export async function* batchesOf(answer: UpstreamAnswer, first: RestMessage, stream: BodyStream): AsyncGenerator<readonly RestMessage[]> {
  try {
    yield [first];
    for await (const chunks of decodedBody(answer)) {
      yield* reading((out) => {
        for (const chunk of chunks) stream.push(chunk, out);
      });
    }
    yield* reading((out) => stream.end(out));
  } finally {
    answer.body.cancel("the answer is no longer wanted");
  }
}

/** The message of an answer that has nothing but a head. */
export async function* headOnly(first: RestMessage): AsyncGenerator<readonly RestMessage[]> {
  yield [first];
}
