/** JSON read without building it: offsets into the text as it came, so that what is not touched goes on byte for byte. */

export type { JsonCursor, JsonKind, JsonVisitor } from "./cursor.ts";
export { JsonError } from "./error.ts";
export { escapeJson, hexDigit, numberOrString, shortEscape, unescapeJson } from "./escape.ts";
export { compilePaths, compileSegments, emptyPathTable, type PathTable, tagAlong } from "./path.ts";
export { spliceJson } from "./splice.ts";
export { type JsonSink, JsonStream } from "./stream.ts";
export { walkJson } from "./walk.ts";
