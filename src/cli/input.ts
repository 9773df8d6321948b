/** What commands read from stdin. */

import { CommandFailed } from "./failure.ts";

/** Bytes as text, piece by piece and exact: a byte order mark is kept, and what is no UTF-8 is refused rather than changed. Throws CommandFailed. */
export async function* decodeUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let read = 0;
  try {
    for await (const chunk of bytes) {
      yield decoder.decode(chunk, { stream: true });
      read += chunk.length;
    }
    yield decoder.decode();
  } catch (thrown) {
    if (thrown instanceof TypeError && "code" in thrown && thrown.code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      throw new CommandFailed(`The input is not UTF-8, somewhere after byte ${read}.`);
    }
    throw thrown;
  }
}

/** The lines of a text that arrives in pieces, without their line feeds. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  // A long line is put together once, at its end: joining it with every piece would cost its length each time.
  let begun: string[] = [];
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    begun.push(first);
    const next = others.pop();
    if (next === undefined) continue;
    yield begun.join("");
    yield* others;
    begun = [next];
  }
  const last = begun.join("");
  if (last !== "") yield last;
}
