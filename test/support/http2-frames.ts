/** An HTTP/2 client that writes frames by hand (RFC 9113), so that it can write what no library would. */

import { connect, type Socket } from "node:net";

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const frameFlags = { endStream: 1, ack: 1, endHeaders: 4 } as const;
/** Codes of RFC 9113 section 7. */
export const errorCodes = { none: 0, protocol: 1, internal: 2, flowControl: 3, refused: 7, cancel: 8, calm: 11 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const headBytes = 9;

export const frame = (type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

/** RFC 7541 section 5.2, without Huffman coding, for strings of up to 126 + 2^14 bytes. */
const hpackString = (text: string): Buffer => {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const rest = bytes.length - 127;
  return Buffer.concat([Buffer.from([127, (rest & 127) | 128, rest >> 7]), bytes]);
};

/** A header block of literals that enter no table (RFC 7541 section 6.2.2). */
export const headerBlock = (headers: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), hpackString(name), hpackString(value)]));

export const requestHeaders = (path: string, method = "GET"): readonly (readonly [string, string])[] => [
  [":method", method],
  [":scheme", "http"],
  [":authority", "localhost"],
  [":path", path],
];

/** A whole request without a body. */
export const getRequest = (stream: number, path: string): Buffer =>
  frame(frameTypes.headers, frameFlags.endStream | frameFlags.endHeaders, stream, headerBlock(requestHeaders(path)));

export const reset = (stream: number, code: number = errorCodes.cancel): Buffer => {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(frameTypes.reset, 0, stream, payload);
};

export const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const settings: Buffer = frame(frameTypes.settings, 0, 0);

const parse = (bytes: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } => {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= headBytes) {
    const end = at + headBytes + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
};

export class FrameClient {
  readonly socket: Socket;
  /** Everything that has come back. */
  readonly frames: Frame[] = [];
  /** Resolves when the connection is gone, however. */
  readonly closed: Promise<void>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.closed = new Promise((resolve) => {
      this.socket.once("close", () => resolve());
    });
    this.socket.on("error", () => {}); // a reset is one way of being closed
    this.socket.on("data", (chunk: Buffer) => {
      const { frames, rest } = parse(Buffer.concat([this.#rest, chunk]));
      this.frames.push(...frames);
      this.#rest = rest;
    });
  }

  /** A client that has sent its preface and empty settings. */
  static open(port: number): FrameClient {
    const client = new FrameClient(port);
    client.write(http2Preface, settings);
    return client;
  }

  write(...pieces: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  of(type: number, stream?: number): readonly Frame[] {
    return this.frames.filter((each) => each.type === type && (stream === undefined || each.stream === stream));
  }

  /** The code of the GOAWAY that came; undefined when none has. */
  get goaway(): number | undefined {
    return this.of(frameTypes.goaway).at(-1)?.payload.readUInt32BE(4);
  }

  /** The code by which a stream was reset; undefined when it was not. */
  resetOf(stream: number): number | undefined {
    return this.of(frameTypes.reset, stream).at(-1)?.payload.readUInt32BE(0);
  }
}
