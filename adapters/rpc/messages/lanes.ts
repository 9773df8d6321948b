/** The lanes of the messages of one direction of one call. */

import { type Closing, type Lane, lane } from "../../../src/envelope/text.ts";
import type { NamedLane } from "./gathering.ts";
import { Unreadable } from "./wire.ts";

/** Lanes that may be open over a stream at once (outputs times elements times requests), and elements before one. What has more is not read. */
const mostOpen = 4_096;
/** UTF-16 code units of the names that make up a lane's: they are kept as long as it is open. */
const longestName = 1_024;

/** An identity that the core has seen. */
export interface Passed {
  /** The path of its field, with dots. */
  readonly name: string;
  readonly text: string;
  /** As it goes on. */
  readonly written: string;
}

/** What must be known of a text tensor to send one more piece of it. */
export interface TensorForm {
  readonly shape: readonly number[];
  /** Whether its elements come length-prefixed in the list of raw contents. */
  readonly raw: boolean;
  /** Whether its messages say whether they are the last. */
  readonly saysFinal: boolean;
}

/** What a lane that runs over the stream is. */
export interface JoinedLane {
  /** The request that it answers; empty where the stream is one text. */
  readonly group: string;
  /** The path of its field; of a tensor's element the tensor's name and the element's index stand at its end. */
  readonly path: readonly (string | number)[];
  readonly tensor: TensorForm | undefined;
}

/** A lane that runs over the stream. */
export interface OpenLane extends NamedLane, JoinedLane {
  /** Bytes of a character that the last cut went through: they are shown with the next piece. */
  tail: Buffer;
  /** The identities around it, as the core has let them through. */
  envelope: readonly Passed[];
}

/** Names lanes. A name that has been closed is never given again: its next text is another generation of it. */
export class Lanes {
  readonly #streaming: boolean;
  #ordinal = 0;
  readonly #open = new Map<string, OpenLane>();
  readonly #byLane = new Map<Lane, OpenLane>();
  /** Closed lanes that are still found, oldest first. */
  readonly #closed: Lane[] = [];
  readonly #generations = new Map<string, number>();

  /** `streaming`: whether there can be more than one message. */
  constructor(streaming: boolean) {
    this.#streaming = streaming;
  }

  get streaming(): boolean {
    return this.#streaming;
  }

  /** A message begins. */
  next(): void {
    this.#ordinal += 1;
  }

  /** A lane that closes with its message. */
  own(name: string): NamedLane {
    return { lane: lane(this.#streaming ? `${name}@${this.#ordinal}` : name), joined: false };
  }

  /** A lane that runs over the stream, opened where it is not. Throws Unreadable where there are too many. */
  joined(name: string, { group, path, tensor }: JoinedLane): OpenLane {
    const key = `${group}\n${name}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    if (this.#open.size >= mostOpen || key.length > longestName || path.some((part) => Number(part) >= mostOpen)) throw new Unreadable();
    const generation = this.#generations.get(key) ?? 0;
    const label = (group === "" ? name : `${name}#${group}`) + (generation === 0 ? "" : `~${generation}`);
    const opened: OpenLane = { lane: lane(label), joined: true, group, path: [...path], tensor, tail: noBytes, envelope: [] };
    this.#open.set(key, opened);
    this.#byLane.set(opened.lane, opened);
    return opened;
  }

  /** A lane that ran over the stream: open, or closed lately, for the core may yet have to be brought what it held. */
  find(name: Lane): OpenLane | undefined {
    return this.#byLane.get(name);
  }

  /** Closes every lane of a request. */
  close(group: string, complete: boolean): Closing[] {
    const closings: Closing[] = [];
    for (const [key, open] of this.#open) {
      if (open.group !== group) continue;
      closings.push({ lane: open.lane, complete });
      this.#open.delete(key);
      this.#retire(open.lane);
      if (this.#generations.size < mostOpen || this.#generations.has(key))
        this.#generations.set(key, (this.#generations.get(key) ?? 0) + 1);
    }
    return closings;
  }

  #retire(closed: Lane): void {
    this.#closed.push(closed);
    const oldest = this.#closed.length > mostOpen ? this.#closed.shift() : undefined;
    if (oldest !== undefined) this.#byLane.delete(oldest);
  }
}

const noBytes = Buffer.alloc(0);
