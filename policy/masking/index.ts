/** The front door of masking. */

export { type CompileOptions, type Core, compile, type LaneFactory } from "./compile.ts";
export type { Detector, Replacement, Validator } from "./detector.ts";
export { laneOptions } from "./json-lanes.ts";
export { compileKeys, type KeyRule } from "./keys.ts";
export { type LintCode, type LintFinding, lint } from "./lint.ts";
export { PatternError } from "./pattern-error.ts";
export type { PartMasker, PlainMasker, ReleaseSink } from "./plain-masker.ts";
export type { LaneEnd, Masker, MaskSpan, Program } from "./program.ts";
export type { KeyedHash } from "./replacement.ts";
