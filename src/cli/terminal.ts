/** What a command line reads and writes. */

import type { Output } from "./output.ts";

export interface Terminal extends Output {
  readonly stdin: AsyncIterable<Uint8Array>;
}
