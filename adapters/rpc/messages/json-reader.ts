/** Reads proto-JSON messages of one direction of one call. */

import type { JsonValue } from "@bufbuild/protobuf";
import { escapeJson, JsonError, numberOrString, spliceJson } from "../../../src/envelope/json/index.ts";
import type { Lane } from "../../../src/envelope/text.ts";
import { UniqueKeys } from "../../shared/unique-keys.ts";
import { carriedMessage } from "./carried.ts";
import { Gathering } from "./gathering.ts";
import { type JsonPlace, scanJson } from "./json-scan.ts";
import { Lanes } from "./lanes.ts";
import type { MessageReader, ReadMessage } from "./message.ts";
import { asBuffer, carriedLane, carriedRead, closingsOf, type Direction, openLanesOf, unreadable, usageOf } from "./reading.ts";
import { utf8Text } from "./utf8.ts";
import { Unreadable } from "./wire.ts";

const write = ({ form }: JsonPlace, text: string): string => {
  switch (form) {
    case "string":
    case "key":
      return escapeJson(text);
    case "number":
      return numberOrString(text);
    case "base64":
      return Buffer.from(text).toString("base64");
  }
};

const keysOf = (places: readonly JsonPlace[]): UniqueKeys =>
  new UniqueKeys(places.flatMap(({ form, object, text }) => (form === "key" && text !== undefined ? [{ object, key: text }] : [])));

const spliceTexts = (whole: string, places: readonly JsonPlace[], texts: readonly string[]): string => {
  let keys: UniqueKeys | undefined;
  const edits = places.flatMap((place, index) => {
    const text = texts[index] ?? "";
    if (text === place.text) return [];
    if (place.form !== "key") return [{ start: place.start, end: place.end, text: write(place, text) }];
    keys ??= keysOf(places);
    return [{ start: place.start, end: place.end, text: write(place, keys.unique({ object: place.object, key: text })) }];
  });
  return spliceJson(whole, edits);
};

/** A reader of JSON messages. */
export class JsonReader implements MessageReader {
  readonly #direction: Direction;
  readonly #lanes: Lanes;

  constructor(direction: Direction) {
    this.#direction = direction;
    this.#lanes = new Lanes(direction.streaming);
  }

  read(message: Uint8Array): ReadMessage {
    const bytes = asBuffer(message);
    const text = utf8Text(bytes);
    this.#lanes.next();
    const found = new Gathering(this.#direction.author);
    const places = text === undefined ? undefined : this.#scan(text, found);
    return text === undefined || places === undefined ? unreadable(bytes) : this.#message(bytes, text, places, found);
  }

  carry(lane: Lane, text: string): ReadMessage {
    const open = carriedLane(this.#lanes, lane);
    const message: JsonValue = carriedMessage(this.#direction.plan, open, text);
    return carriedRead(Buffer.from(JSON.stringify(message)), open, text, this.#direction.author);
  }

  #scan(text: string, found: Gathering): readonly JsonPlace[] | undefined {
    try {
      return scanJson(text, this.#direction.plan, found, { planOf: this.#direction.planOf, lanes: this.#lanes });
    } catch (thrown) {
      if (thrown instanceof JsonError || thrown instanceof Unreadable) return undefined;
      throw thrown;
    }
  }

  #message(bytes: Buffer, whole: string, places: readonly JsonPlace[], found: Gathering): ReadMessage {
    const joined = openLanesOf(found, this.#lanes).length;
    return {
      bytes,
      spans: found.spans,
      closings: closingsOf(found, this.#lanes),
      visibility: found.visibility,
      models: found.models,
      maxOutputTokens: found.mostTokens,
      usage: usageOf(found),
      onlyText: joined > 0 && joined === found.spans.length && found.others === 0,
      rewrite: (texts) => {
        const written = spliceTexts(whole, places, texts);
        return written === whole ? bytes : Buffer.from(written);
      },
    };
  }
}
