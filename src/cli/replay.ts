/** Replays a session: what was asked, then the answer's pieces with the timing they had. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import type { ReplayedEnd, ReplayedPiece, ReplayedRequest, ReplaySessionResponse } from "../gen/weir/v1/session_pb.ts";
import { type Output, write } from "./output.ts";
import { sessionStates } from "./session-view.ts";
import { visibleLine, visibleText } from "./visible.ts";

const msPerSecond = 1_000;

const msOf = (at: Duration | undefined): number => (at === undefined ? 0 : durationMs(at));

/** A replay on a terminal. */
export class Replayer {
  readonly #output: Output;
  readonly #speed: number;
  #began = Number.NaN;
  /** The time of the answer's first piece: what went before it is the model's thinking, which nobody wants to sit through again. */
  #origin = Number.NaN;
  #lane: string | undefined;

  /** `speed`: 2 is twice as fast; 0 does not wait at all. */
  constructor(output: Output, speed: number) {
    this.#output = output;
    this.#speed = speed;
  }

  async show({ part }: ReplaySessionResponse): Promise<void> {
    switch (part.case) {
      case "request":
        return await this.#request(part.value);
      case "piece":
        return await this.#piece(part.value);
      case "end":
        return await this.#end(part.value);
      case undefined:
        return; // a part that this version does not know
    }
  }

  async #request({ texts }: ReplayedRequest): Promise<void> {
    if (this.#lane !== undefined) await this.#text("\n\n");
    this.#lane = undefined;
    for (const { author, text } of texts) await this.#text(`[${visibleLine(author)}]\n${visibleText(text)}\n\n`);
  }

  async #piece({ at, lane, author, text }: ReplayedPiece): Promise<void> {
    await this.#until(msOf(at));
    if (lane !== this.#lane) {
      await this.#text(`${this.#lane === undefined ? "" : "\n"}[${visibleLine(author)} ${visibleLine(lane)}]\n`);
      this.#lane = lane;
    }
    await this.#text(visibleText(text));
  }

  async #end({ at, state, reason }: ReplayedEnd): Promise<void> {
    await this.#until(msOf(at));
    const why = reason === undefined ? "" : `, ${visibleLine(reason)}`;
    await this.#text(
      `${this.#lane === undefined ? "" : "\n\n"}[${sessionStates.nameOf(state)}${why} after ${(msOf(at) / msPerSecond).toFixed(3)} s]\n`,
    );
  }

  #text(text: string): Promise<void> {
    return write(this.#output, text);
  }

  /** Waits until the moment of a piece, counted from the first one, so that delays do not add up. */
  async #until(at: number): Promise<void> {
    if (this.#speed === 0) return;
    if (Number.isNaN(this.#origin)) {
      this.#origin = at;
      this.#began = performance.now();
    }
    const due = this.#began + (at - this.#origin) / this.#speed;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
  }
}

/** One part for programs. */
export const partObject = ({ part }: ReplaySessionResponse): Readonly<Record<string, unknown>> | undefined => {
  switch (part.case) {
    case "request":
      return {
        kind: "request",
        texts: part.value.texts.map(({ pathJson, author, text }) => ({ path: JSON.parse(pathJson) as unknown, author, text })),
      };
    case "piece":
      return { kind: "piece", atMs: msOf(part.value.at), lane: part.value.lane, author: part.value.author, text: part.value.text };
    case "end":
      return { kind: "end", atMs: msOf(part.value.at), state: sessionStates.nameOf(part.value.state), reason: part.value.reason };
    case undefined:
      return undefined;
  }
};
