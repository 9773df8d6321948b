/** JSON read without building it: offsets into the text as it came, so that what is not touched goes on byte for byte. */

export type { JsonCursor, JsonKind, JsonVisitor } from "./cursor.ts";
export { JsonError, type JsonProblem } from "./error.ts";
export { escapeJson, hexDigit, shortEscape, unescapeJson } from "./escape.ts";
export { defaultJsonLimits, type JsonLimits } from "./limits.ts";
export {
  afterIndex,
  afterKey,
  compilePaths,
  compileSegments,
  emptyPathTable,
  type PathOptions,
  type PathState,
  type PathTable,
  parsePath,
  type TaggedPath,
} from "./path.ts";
export {
  compileReader,
  type FieldShape,
  type Fields,
  type JsonReader,
  type JsonReading,
  type JsonSpot,
  type ReaderOptions,
} from "./read.ts";
export { spliceJson, type TextEdit } from "./splice.ts";
export { type JsonSink, JsonStream, type StreamOptions } from "./stream.ts";
export { type WalkOptions, walkJson } from "./walk.ts";
