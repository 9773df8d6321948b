/** A TCP client that writes what no HTTP library would, and reads whatever comes until the other side closes. */

import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const parse = (text: string): RawAnswer => {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  return { status: Number(head.split(" ")[1] ?? 0), head: head.toLowerCase(), body: end < 0 ? "" : text.slice(end + 4) };
};

/** Writes these pieces and resolves with the answer once the connection is closed. */
export const sendRaw = (port: number, pieces: readonly (string | Buffer)[]): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("close", () => resolve(parse(Buffer.concat(chunks).toString("latin1"))));
    // A reset after an answer is an answer all the same.
    socket.on("error", (error) => (chunks.length === 0 ? reject(error) : undefined));
  });
