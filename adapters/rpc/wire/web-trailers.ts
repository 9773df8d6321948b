/** The frame in which gRPC-Web sends what gRPC has in trailers (grpc/grpc `doc/PROTOCOL-WEB.md`): lines of a header block. */

/** The frame holds trailers. */
export const trailersFlag = 0x80;

/** Reads `name: value` lines; names in lower case. Lines without a colon are left out. One byte a character, as header values are. */
export const parseWebTrailers = (block: Buffer): string[] => {
  const metadata: string[] = [];
  for (const line of block.toString("latin1").split(/\r\n|\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) metadata.push(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return metadata;
};

/** Names and values in turn, written as lines. Values hold no line break (metadata never does). */
export const formatWebTrailers = (metadata: readonly string[]): Buffer => {
  let block = "";
  for (let at = 0; at + 1 < metadata.length; at += 2) block += `${metadata[at]}: ${metadata[at + 1]}\r\n`;
  return Buffer.from(block, "latin1");
};
