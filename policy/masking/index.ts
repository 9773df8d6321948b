/** The front door of masking. */

export { compile } from "./compile.ts";
export type { Detector, Replacement, Validator } from "./detector.ts";
export { laneOptions } from "./json-lanes.ts";
export { compileKeys } from "./keys.ts";
export { type LintCode, type LintFinding, lint } from "./lint.ts";
export { PatternError } from "./pattern-error.ts";
export type { LaneEnd, Masker, MaskSpan, Program } from "./program.ts";
export type { KeyedHash } from "./replacement.ts";
