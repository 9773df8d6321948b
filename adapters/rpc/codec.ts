/** Shows the core the text of a call's messages: metadata, messages whose form is known, and how a call ended. */

import { createHash, type Hash } from "node:crypto";
import { GatewayError } from "../../src/envelope/error.ts";
import type { StreamCodec, TokenUsage, Unread, Visibility } from "../../src/envelope/message.ts";
import type { Closing, Lane, Reading, TextSpan } from "../../src/envelope/text.ts";
import { FailureTexts } from "./failure-texts.ts";
import type { Metadata, RpcEnd, RpcMessage, RpcPart } from "./message.ts";
import { MetadataTexts } from "./metadata-texts.ts";
import type { Payload } from "./payload.ts";
import type { ConnectFailure } from "./wire/connect-failure.ts";

const noSpans: readonly TextSpan[] = [];
const noModels: readonly string[] = [];
const noClosings: readonly Closing[] = [];

const closed = ({ lane }: TextSpan): Closing => ({ lane, complete: true });

const partSpans = (part: RpcPart): readonly TextSpan[] => (part.kind === "raw" ? noSpans : part.read.spans);

const weakest = (parts: readonly RpcPart[]): Visibility => {
  let seen: Visibility = "whole";
  for (const part of parts) {
    const visibility = part.kind === "raw" ? "none" : part.visibility;
    if (visibility === "none") return "none";
    if (visibility === "partial") seen = "partial";
  }
  return seen;
};

/** What of a direction nobody could read, as one digest over all of it. */
class UnreadBytes {
  #hash: Hash | undefined;
  #bytes = 0;

  get any(): boolean {
    return this.#hash !== undefined;
  }

  add(bytes: Uint8Array): void {
    this.#hash ??= createHash("sha256");
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }

  /** Digest and length of everything added; undefined where nothing was. */
  take(): Unread | undefined {
    const hash = this.#hash;
    this.#hash = undefined;
    return hash === undefined ? undefined : { sha256: hash.digest("hex"), bytes: this.#bytes };
  }
}

export interface RpcCodecOptions {
  readonly direction: "request" | "response";
  /** Whether messages pass as they are, because nobody can read them. */
  readonly raw: boolean;
}

/** One direction of one call. Nothing of a message is looked at before the core asks for it. */
export class RpcCodec implements StreamCodec<RpcMessage> {
  readonly #options: RpcCodecOptions;
  readonly #texts = new WeakMap<Metadata, MetadataTexts>();
  readonly #failures = new WeakMap<ConnectFailure, FailureTexts>();
  readonly #unread = new UnreadBytes();
  /** Lanes that have begun in one message and may go on in the next. */
  readonly #open = new Set<Lane>();
  #latest: Payload | undefined;

  constructor(options: RpcCodecOptions) {
    this.#options = options;
  }

  spans(message: RpcMessage): readonly TextSpan[] {
    switch (message.kind) {
      case "opening":
        return [...this.#metadata(message.metadata).spans, ...message.parts.flatMap(partSpans)];
      case "end":
        return this.#endSpans(message);
      case "payload":
        return message.read.spans;
      case "raw":
      case "mark":
        return noSpans;
    }
  }

  rewrite(message: RpcMessage, texts: readonly string[]): RpcMessage {
    switch (message.kind) {
      case "opening": {
        const own = this.#metadata(message.metadata);
        const metadata = own.rewrite(texts.slice(0, own.spans.length));
        const parts = rewriteParts(message.parts, texts.slice(own.spans.length));
        return metadata === message.metadata && parts === message.parts ? message : { ...message, metadata, parts };
      }
      case "end":
        return this.#rewriteEnd(message, texts);
      case "payload":
        return message.rewrite(texts);
      case "raw":
      case "mark":
        return message;
    }
  }

  closes(message: RpcMessage): readonly Closing[] {
    switch (message.kind) {
      case "opening":
        return [...this.#metadata(message.metadata).spans.map(closed), ...message.parts.flatMap((part) => this.#partClosings(part))];
      case "end":
        return this.#endSpans(message).map(closed);
      case "payload":
        return this.#payloadClosings(message);
      case "mark":
        return [...this.#open].map((lane) => ({ lane, complete: true }));
      case "raw":
        return noClosings;
    }
  }

  /** What stands in messages, whose texts say whether rules by key are about them; metadata, status and its details are nobody's output. */
  isOutput({ keyed }: TextSpan): boolean {
    return keyed !== undefined;
  }

  models(message: RpcMessage): readonly string[] {
    return message.kind === "payload" ? message.read.models : noModels;
  }

  visibility(message: RpcMessage): Visibility {
    switch (message.kind) {
      case "opening":
        return this.#options.raw && this.#options.direction === "request" ? "none" : weakest(message.parts);
      case "payload":
        return message.visibility;
      case "raw":
        return "none";
      case "mark":
      case "end":
        return this.#unread.any ? "partial" : "whole";
    }
  }

  /** The prompt stands in messages, never in metadata. */
  readings(message: RpcMessage): readonly Reading[] {
    switch (message.kind) {
      case "opening":
        return message.parts.flatMap(partSpans);
      case "payload":
        return message.read.spans;
      case "end":
      case "raw":
      case "mark":
        return noSpans;
    }
  }

  /** One digest over everything of this direction that could not be read, told with its last message. */
  unread(message: RpcMessage): Unread | undefined {
    switch (message.kind) {
      case "opening":
        for (const part of message.parts) this.#note(part);
        return this.#options.direction === "request" && message.parts.length > 0 ? this.#unread.take() : undefined;
      case "raw":
      case "payload":
        this.#note(message);
        return undefined;
      case "mark":
      case "end":
        return this.#unread.take();
    }
  }

  usage(message: RpcMessage): TokenUsage | undefined {
    return message.kind === "payload" ? message.known?.usage : undefined;
  }

  carry(lane: Lane, text: string, like: RpcMessage): RpcMessage {
    const payload = like.kind === "payload" ? like : this.#latest;
    if (payload !== undefined) return payload.carry(lane, text);
    throw new GatewayError("internal", undefined, { note: "text held for a lane that no message bears" });
  }

  onlyText(message: RpcMessage): boolean {
    return message.kind === "payload" && message.read.onlyText;
  }

  ends(message: RpcMessage): boolean {
    return message.kind === "end";
  }

  #endSpans({ metadata, failure }: RpcEnd): readonly TextSpan[] {
    const { spans } = this.#metadata(metadata, "trailers");
    return failure === undefined ? spans : [...spans, ...this.#failure(failure).spans];
  }

  #rewriteEnd(end: RpcEnd, texts: readonly string[]): RpcEnd {
    const own = this.#metadata(end.metadata, "trailers");
    const metadata = own.rewrite(texts.slice(0, own.spans.length));
    const failure = end.failure && this.#failure(end.failure).rewrite(texts.slice(own.spans.length));
    return metadata === end.metadata && failure === end.failure ? end : { kind: "end", alone: end.alone, metadata, failure };
  }

  #failure(failure: ConnectFailure): FailureTexts {
    let texts = this.#failures.get(failure);
    if (texts === undefined) {
      texts = new FailureTexts(failure);
      this.#failures.set(failure, texts);
    }
    return texts;
  }

  #partClosings(part: RpcPart): readonly Closing[] {
    return part.kind === "raw" ? noClosings : this.#payloadClosings(part);
  }

  #payloadClosings(payload: Payload): readonly Closing[] {
    const { spans, closings } = payload.read;
    this.#latest = payload;
    for (const { lane } of spans) this.#open.add(lane);
    for (const { lane } of closings) this.#open.delete(lane);
    return closings;
  }

  #note(part: RpcPart): void {
    if (part.kind === "raw") this.#unread.add(part.bytes);
    else if (part.visibility !== "whole") this.#unread.add(part.frame.payload);
  }

  #metadata(metadata: Metadata, place: "metadata" | "trailers" = "metadata"): MetadataTexts {
    let texts = this.#texts.get(metadata);
    if (texts === undefined) {
      texts = new MetadataTexts(metadata, place);
      this.#texts.set(metadata, texts);
    }
    return texts;
  }
}

const rewriteParts = (parts: readonly RpcPart[], texts: readonly string[]): readonly RpcPart[] => {
  let at = 0;
  let changed = false;
  const rewritten = parts.map((part) => {
    if (part.kind === "raw") return part;
    const count = part.read.spans.length;
    const made = part.rewrite(texts.slice(at, at + count));
    at += count;
    changed ||= made !== part;
    return made;
  });
  return changed ? rewritten : parts;
};
