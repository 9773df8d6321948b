/** How the gateway sees the text inside the messages of one RPC method. */

import type { TokenUsage, Visibility } from "../../../src/envelope/message.ts";
import type { Closing, Lane, TextSpan } from "../../../src/envelope/text.ts";

/** The four shapes of a method (gRPC core concepts, "RPC life cycle"). */
export type MethodKind = "unary" | "server-stream" | "client-stream" | "bidi";

/** How messages are written: protobuf's wire format, or its canonical JSON mapping (Connect's `json` codec, `application/grpc+json`). */
export type MessageEncoding = "proto" | "json";

/** A method whose messages can be read. */
export interface MethodMessages {
  readonly kind: MethodKind;
  readonly request: MessageText;
  readonly response: MessageText;
}

/** One direction of a method. */
export interface MessageText {
  /** Whether its messages name a model: then the first of a request stream must be seen before anybody can say whether the call is allowed. */
  readonly namesModel: boolean;
  /** A reader for the messages of this direction of one call: it keeps what joined fields need between messages. */
  open(encoding: MessageEncoding): MessageReader;
}

export interface MessageReader {
  /** Reads one uncompressed message, without its frame's prefix. Never throws: what cannot be read has visibility `none` and no spans. */
  read(bytes: Uint8Array): ReadMessage;
  /**
   * A message that bears only `text`, on `lane` (StreamCodec.carry). Only lanes that run over the stream are ever carried, and they were shown by a
   * message that this reader has read. Throws a GatewayError `internal` for any other lane.
   */
  carry(lane: Lane, text: string): ReadMessage;
}

/** A message that has been read. */
export interface ReadMessage {
  /** The message as it came. */
  readonly bytes: Uint8Array;
  /** Every text of the message, in reading order. */
  readonly spans: readonly TextSpan[];
  /** Lanes that end with this message. Those that are not joined over the stream always do. */
  readonly closings: readonly Closing[];
  readonly visibility: Visibility;
  /** Every different name of a model that the message asks for or answers with. Two in one request are conflicting (ARCHITECTURE.md 1.9). */
  readonly models: readonly string[];
  /** The largest number of output tokens that the message asks for; undefined: it does not say. */
  readonly maxOutputTokens: number | undefined;
  readonly usage: TokenUsage | undefined;
  /** Whether it bears nothing but the text of its joined spans, so that it may be dropped once they are empty. */
  readonly onlyText: boolean;
  /** The message with its texts replaced, paired with {@link spans}; the very same bytes when nothing changed. */
  rewrite(texts: readonly string[]): Uint8Array;
}
