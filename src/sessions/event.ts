/**
 * One event of a session as bytes: what is hashed is what is journaled and stored.
 *
 *     u32 header length · u32 body length · f64 session's start (ms since the epoch) · hash (32) · header · body
 *
 * Numbers are little-endian. hash = SHA-256(hash of the event before ‖ header ‖ body); before the first stand 32 zero bytes. The header is JSON
 * and says how long the body is, so that the bytes hashed have one reading.
 */

import { hash } from "node:crypto";
import { type DataKey, sealOverheadBytes } from "./data-key.ts";
import { type EventDetails, type EventHead, headerJson } from "./header.ts";

const hashBytes = 32;
const startOffset = 8;
const hashOffset = 16;

/** Bytes of an event before its header. */
export const prefixBytes = hashOffset + hashBytes;

/** A SHA-256 hash as a string of 32 Latin-1 characters: immutable and cheap to keep. */
export type ChainHash = string;

/** What the first event of every chain follows. */
export const chainStart: ChainHash = "\0".repeat(hashBytes);

/** How far a session's chain has come. */
export interface ChainPoint {
  readonly session: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** Of the event at this point. */
  readonly seq: number;
  readonly hash: ChainHash;
}

/** What an event says: in the clear, and sealed. */
export interface EventContent {
  readonly details: EventDetails;
  readonly text: string;
}

/** Events of one journal frame, or of one batch to ship, back to back. */
export interface EventPlace {
  readonly offset: number;
  readonly headerLength: number;
  readonly bodyLength: number;
  readonly started: number;
}

/**
 * Encodes the next event of a chain and returns its bytes; {@link hashOf} gives the hash that the event after it continues from.
 * An event without text has an empty body and no key.
 */
export const encodeEvent = (previous: ChainHash, about: EventHead, { details, text }: EventContent, key: DataKey): Buffer => {
  const bodyLength = text === "" ? 0 : Buffer.byteLength(text) + sealOverheadBytes;
  const json = headerJson(about, details, bodyLength === 0 ? undefined : { key: key.id, bytes: bodyLength });
  const headerLength = Buffer.byteLength(json);
  const bodyOffset = prefixBytes + headerLength;
  const event = Buffer.allocUnsafe(bodyOffset + bodyLength);
  event.writeUInt32LE(headerLength, 0);
  event.writeUInt32LE(bodyLength, 4);
  event.writeDoubleLE(about.started, startOffset);
  // The hash before stands where the hash will be, so that what is hashed lies in one piece.
  event.write(previous, hashOffset, hashBytes, "latin1");
  event.write(json, prefixBytes, headerLength, "utf8");
  if (bodyLength > 0) key.sealBody(text, event.subarray(prefixBytes, bodyOffset), event, bodyOffset);
  event.write(hash("sha256", event.subarray(hashOffset), "binary"), hashOffset, hashBytes, "latin1");
  return event;
};

/** The hash of an encoded event. */
export const hashOf = (event: Buffer): ChainHash => event.toString("latin1", hashOffset, hashOffset + hashBytes);

/** Where the events of a pack lie. Throws when the pack is not made of whole events. */
export const placesIn = (pack: Buffer): EventPlace[] => {
  const places: EventPlace[] = [];
  let offset = 0;
  while (offset < pack.length) {
    const headerLength = pack.readUInt32LE(offset);
    const bodyLength = pack.readUInt32LE(offset + 4);
    places.push({ offset, headerLength, bodyLength, started: pack.readDoubleLE(offset + startOffset) });
    offset += prefixBytes + headerLength + bodyLength;
  }
  if (offset !== pack.length) throw new Error("a pack of events is cut");
  return places;
};

/** An event read back: its header's bytes, body and hash. */
export const partsAt = (pack: Buffer, { offset, headerLength, bodyLength }: EventPlace): { hash: Buffer; header: Buffer; body: Buffer } => {
  const header = offset + prefixBytes;
  const body = header + headerLength;
  return {
    hash: pack.subarray(offset + hashOffset, header),
    header: pack.subarray(header, body),
    body: pack.subarray(body, body + bodyLength),
  };
};
