/** Reads protobuf messages of one direction of one call. */

import { fromJson, toBinary } from "@bufbuild/protobuf";
import type { TokenUsage, Visibility } from "../../../src/envelope/message.ts";
import type { Closing, Lane, TextSpan } from "../../../src/envelope/text.ts";
import { carriedMessage } from "./carried.ts";
import { Gathering } from "./gathering.ts";
import { Identities } from "./identities.ts";
import { Lanes, type OpenLane } from "./lanes.ts";
import type { MessageReader, ReadMessage } from "./message.ts";
import { asBuffer, carriedLane, carriedRead, closingsOf, type Direction, openLanesOf, unreadable, usageOf } from "./reading.ts";
import type { ScanContext } from "./scan.ts";
import { Scanner } from "./scanner.ts";
import { splice } from "./splice.ts";
import { Unreadable } from "./wire.ts";

class ProtoMessage implements ReadMessage {
  readonly bytes: Buffer;
  readonly closings: readonly Closing[];
  readonly onlyText: boolean;
  readonly #scanner: Scanner;
  readonly #found: Gathering;
  readonly #identities: Identities;
  readonly #open: readonly OpenLane[];

  constructor(scanner: Scanner, found: Gathering, shared: { readonly lanes: Lanes; readonly identities: Identities }) {
    this.bytes = scanner.bytes;
    this.#scanner = scanner;
    this.#found = found;
    this.#identities = shared.identities;
    this.#open = openLanesOf(found, shared.lanes);
    this.onlyText = found.spans.length > 0 && this.#open.length === found.spans.length && scanner.onlyTexts;
    this.closings = closingsOf(found, shared.lanes);
  }

  get spans(): readonly TextSpan[] {
    return this.#found.spans;
  }

  get visibility(): Visibility {
    return this.#found.visibility;
  }

  get models(): readonly string[] {
    return this.#found.models;
  }

  get maxOutputTokens(): number | undefined {
    return this.#found.mostTokens;
  }

  get usage(): TokenUsage | undefined {
    return usageOf(this.#found);
  }

  rewrite(texts: readonly string[]): Uint8Array {
    const { identities } = this.#found;
    if (identities.some(({ span }) => span !== undefined) || this.#open.some(({ envelope }) => envelope.length === 0)) {
      const envelope = this.#identities.note(identities, texts);
      for (const open of this.#open) open.envelope = envelope;
    }
    return splice(this.#scanner, texts);
  }
}

/** A reader of protobuf messages. */
export class ProtoReader implements MessageReader {
  readonly #direction: Direction;
  readonly #lanes: Lanes;
  readonly #identities = new Identities();
  readonly #context: ScanContext;

  constructor(direction: Direction) {
    this.#direction = direction;
    this.#lanes = new Lanes(direction.streaming);
    const passes = direction.streaming ? this.#identities.passes : () => false;
    this.#context = { planOf: direction.planOf, lanes: this.#lanes, passes };
  }

  read(bytes: Uint8Array): ReadMessage {
    this.#lanes.next();
    const found = new Gathering(this.#direction.author);
    const scanner = new Scanner(asBuffer(bytes), found, this.#context);
    try {
      scanner.root(this.#direction.plan);
    } catch (thrown) {
      if (thrown instanceof Unreadable) return unreadable(scanner.bytes);
      throw thrown;
    }
    return new ProtoMessage(scanner, found, { lanes: this.#lanes, identities: this.#identities });
  }

  carry(lane: Lane, text: string): ReadMessage {
    const open = carriedLane(this.#lanes, lane);
    const { descriptor, registry, plan, author } = this.#direction;
    const message = fromJson(descriptor, carriedMessage(plan, open, text), { registry });
    return carriedRead(asBuffer(toBinary(descriptor, message)), open, text, author);
  }
}
