/** The sessions that have begun in the journal and not ended, so that a start after a crash can end them. */

import { type ChainPoint, hashOf, partsAt, placesIn } from "../event.ts";
import type { Frame } from "./reader.ts";

/** How far each open session's chain has durably come, by session id. */
export type OpenSessions = Map<string, ChainPoint>;

/** A file's first frame, which makes the files before it dispensable. Hashes are binary, so they travel as base64. */
export const encodeOpen = (open: OpenSessions): Buffer =>
  Buffer.from(
    JSON.stringify([...open.values()].map((point) => ({ ...point, hash: Buffer.from(point.hash, "latin1").toString("base64") }))),
  );

const isPoint = (value: unknown): value is ChainPoint =>
  typeof value === "object" &&
  value !== null &&
  "session" in value &&
  typeof value.session === "string" &&
  "started" in value &&
  typeof value.started === "number" &&
  "seq" in value &&
  typeof value.seq === "number" &&
  "hash" in value &&
  typeof value.hash === "string";

const decodeOpen = (payload: Buffer): ChainPoint[] => {
  const points: unknown = JSON.parse(payload.toString("utf8"));
  return (Array.isArray(points) ? points.filter(isPoint) : []).map((point) => ({
    ...point,
    hash: Buffer.from(point.hash, "base64").toString("latin1"),
  }));
};

const isHeader = (value: unknown): value is { session: string; seq: number; kind: string } =>
  typeof value === "object" && value !== null && "session" in value && "seq" in value && "kind" in value;

const foldEvents = (open: OpenSessions, pack: Buffer): void => {
  for (const place of placesIn(pack)) {
    const header: unknown = JSON.parse(partsAt(pack, place).header.toString("utf8"));
    if (!isHeader(header)) throw new Error("an event in the journal has no header");
    const { session, seq, kind } = header;
    if (kind === "ended" || kind === "interrupted") open.delete(session);
    else open.set(session, { session, started: place.started, seq, hash: hashOf(pack.subarray(place.offset)) });
  }
};

/** Takes one frame into account, in the order of the journal. */
export const foldFrame = (open: OpenSessions, { kind, payload }: Frame): void => {
  switch (kind) {
    case "events":
      foldEvents(open, payload);
      return;
    case "open":
      open.clear();
      for (const point of decodeOpen(payload)) open.set(point.session, point);
      return;
  }
};
