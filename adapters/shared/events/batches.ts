/** An upstream's stream of events as the core takes it: in batches, each what one read of the socket brought. */

import { decodedBody } from "../answer-body.ts";
import type { FramedMessage } from "../frame.ts";
import type { UpstreamAnswer } from "../upstream-http.ts";
import type { EventStream } from "./event-stream.ts";

/** Milliseconds that an upstream has to end its body after its last event, so that its connection can be used again. */
const settleMs = 250;

type Framed = readonly FramedMessage[];

/** The steps in which chunks are read: each chunk, and what a pause left of it. */
function* readings(chunks: readonly Buffer[], stream: EventStream): Generator<(out: FramedMessage[]) => void> {
  for (const chunk of chunks) {
    yield (out) => stream.push(chunk, out);
    while (stream.paused) yield (out) => stream.readOn(out);
  }
}

/** The events of one read; what broke on its way through them is thrown once those before it have been passed on. */
function* eventsOf(chunks: readonly Buffer[], stream: EventStream): Generator<Framed> {
  let out: FramedMessage[] = [];
  for (const read of readings(chunks, stream)) {
    let broken: { readonly thrown: unknown } | undefined;
    try {
      read(out);
    } catch (thrown) {
      broken = { thrown };
    }
    if (out.length > 0 && (broken !== undefined || stream.paused)) {
      yield out;
      out = [];
    }
    if (broken !== undefined) throw broken.thrown;
  }
  if (out.length > 0) yield out;
}

/** The messages of an upstream's event stream. Throws `upstream_*`. Leaving the iteration early cancels the upstream. */
export async function* streamBatches(answer: UpstreamAnswer, stream: EventStream): AsyncGenerator<Framed> {
  const iterator = decodedBody(answer)[Symbol.asyncIterator]();
  try {
    for (let read = await iterator.next(); read.done !== true; read = await iterator.next()) {
      yield* eventsOf(read.value, stream);
      if (stream.ended) break;
    }
    yield* ending(stream);
    await answer.body.settle(settleMs);
  } finally {
    answer.body.cancel("the answer is no longer wanted");
  }
}

/** What was left when the bytes were over; passed on before what broke on its way through it is thrown. */
function* ending(stream: EventStream): Generator<Framed> {
  const rest: FramedMessage[] = [];
  let broken: { readonly thrown: unknown } | undefined;
  try {
    stream.end(rest);
  } catch (thrown) {
    broken = { thrown };
  }
  if (rest.length > 0) yield rest;
  if (broken !== undefined) throw broken.thrown;
}
