/** Compiles detectors into a program. */

import type { Syntax } from "../../src/envelope/text.ts";
import type { Detector } from "./detector.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { fingerprint } from "./fingerprint.ts";
import { TextMasker } from "./masker.ts";
import type { FoundRule, PartMasker, PlainMasker, ReleaseSink } from "./plain-masker.ts";
import { byStructure, type Found, type LaneEnd, type Masker, type MaskSpan, type Program } from "./program.ts";

/** The engine as lanes of other syntaxes and views see it. */
export interface Core {
  readonly detectors: readonly Detector[];
  /** How many of the detectors, the first ones, end a text where they match. */
  readonly stops: number;
  /** A masker of plain text; `previous` is the code unit before it, where it is a part of a larger text. */
  open(previous?: number, found?: FoundRule): PartMasker;
  /** The replacement of a secret by a rule; `undefined` where it is not wholly known. */
  replacement(rule: number, secret: string | undefined): string;
}

/** Makes the maskers of one syntax on top of the engine. */
export type LaneFactory = (core: Core) => (found?: FoundRule) => PlainMasker;

/** How a program is put together. */
export interface CompileOptions extends EngineOptions {
  /** Maskers of `plain` lanes, for views of encodings; absent: the engine's own. */
  readonly plain?: LaneFactory;
  /** Maskers of `json` lanes; absent: as plain ones. */
  readonly json?: LaneFactory;
  /** What else the lanes were made of (keys, paths, views), for the program's hash. */
  readonly lanesKey?: string;
  /** Lanes may change a text even without detectors (JSON keys). */
  readonly lanesChange?: boolean;
  /** The names of the rules that lanes add behind the detectors. */
  readonly laneRules?: readonly string[];
  /** What key rules say of a path; absent: there are none. */
  readonly labelAt?: Program["labelAt"];
}

/**
 * Compiles detectors: some 0.3 s for a hundred and fifty, so once for a revision and never on a request's path.
 * @throws PatternError with the detector's name and the position in its pattern, RangeError for a cap of one's own where lanes count on the law's, and for
 * detectors that stop a text behind others.
 */
export function compile(detectors: readonly Detector[], options: CompileOptions = {}): Program {
  if (options.capUnits !== undefined && (options.plain !== undefined || options.json !== undefined))
    throw new RangeError("lanes and views count on the cap of the law: capUnits is for the engine alone");
  const engine = new Engine(detectors, options);
  const stops = stopsOf(detectors);
  const core: Core = {
    detectors,
    stops,
    open: (previous, found) => new TextMasker(engine, previous, found),
    replacement: (rule, secret) => engine.replacers[rule]?.(secret) ?? "",
  };
  const plain = options.plain?.(core) ?? ((found) => core.open(undefined, found));
  const lanes: Record<Syntax, Lane> = { plain, json: options.json?.(core) ?? plain };
  const face = {
    hash: fingerprint(detectors, options.lanesKey ?? ""),
    stops,
    changes: options.lanesChange === true,
    names: [...detectors.map(({ name }) => name), ...(options.laneRules ?? [])],
    labelAt: options.labelAt ?? noLabel,
  };
  return new CompiledProgram(detectors, lanes, face);
}

type Lane = (found?: FoundRule) => PlainMasker;

const noLabel: Program["labelAt"] = () => undefined;

/** How many detectors stop a text. Throws RangeError where others stand among them: they would name what unites with a match that must end the text. */
const stopsOf = (detectors: readonly Detector[]): number => {
  const stops = detectors.filter((detector) => detector.stops === true).length;
  if (detectors.slice(0, stops).some((detector) => detector.stops !== true))
    throw new RangeError("detectors that stop a text come before all others");
  return stops;
};

interface ProgramFace extends Pick<Program, "hash" | "labelAt"> {
  readonly changes: boolean;
  /** How many detectors end a text. */
  readonly stops: number;
  /** Of every rule. */
  readonly names: readonly string[];
}

class CompiledProgram implements Program {
  readonly detectors: readonly Detector[];
  readonly hash: string;
  readonly stops: boolean;
  readonly empty: boolean;
  readonly labelAt: Program["labelAt"];
  private readonly lanes: Record<Syntax, Lane>;
  private readonly face: ProgramFace;

  constructor(detectors: readonly Detector[], lanes: Record<Syntax, Lane>, face: ProgramFace) {
    this.detectors = detectors;
    this.lanes = lanes;
    this.hash = face.hash;
    this.face = face;
    this.labelAt = face.labelAt;
    this.stops = face.stops > 0;
    this.empty = detectors.length === 0 && !face.changes;
  }

  open(syntax: Syntax, found?: Found): Masker {
    const { stops, names } = this.face;
    const lane = this.lanes[syntax];
    if (stops > 0) return new StoppingMasker(lane, this.face, found);
    return lane(found && ((rule) => goOn(found, names[rule])));
  }

  mask(text: string, syntax: Syntax = "plain", end?: LaneEnd): string {
    if (text === "") return text;
    const masker = this.open(syntax);
    return masker.push(text) + masker.finish(end);
  }

  spans(text: string, end?: LaneEnd): readonly MaskSpan[] {
    const masker = this.lanes.plain();
    const spans = new SpanSink(this.detectors);
    masker.pushOps(text, spans);
    masker.finishOps(spans, end);
    return spans.spans;
  }
}

const goOn = (found: Found | undefined, name = byStructure): true => {
  found?.(name);
  return true;
};

/** A lane that ends before the first match of a detector that stops it. States: going on → stopped. */
class StoppingMasker implements Masker {
  private readonly masker: PlainMasker;
  private by: string | undefined;

  constructor(lane: Lane, { stops, names }: ProgramFace, found: Found | undefined) {
    this.masker = lane((rule) => {
      if (rule >= stops) return goOn(found, names[rule]);
      this.by = names[rule];
      return false;
    });
  }

  get held(): number {
    return this.by === undefined ? this.masker.held : 0;
  }

  get stopped(): string | undefined {
    return this.by;
  }

  push(chunk: string): string {
    return this.by === undefined ? this.masker.push(chunk) : "";
  }

  finish(end?: LaneEnd): string {
    return this.by === undefined ? this.masker.finish(end) : "";
  }
}

/** Turns releases into spans of the source. */
class SpanSink implements ReleaseSink {
  readonly spans: MaskSpan[] = [];
  private readonly detectors: readonly Detector[];
  private position = 0;

  constructor(detectors: readonly Detector[]) {
    this.detectors = detectors;
  }

  copy(text: string): void {
    this.position += text.length;
  }

  mask(units: number, rule: number, text: string, continues: boolean): void {
    const start = this.position;
    this.position += units;
    const last = this.spans[this.spans.length - 1];
    if (continues && last !== undefined) this.spans[this.spans.length - 1] = { ...last, end: this.position };
    else this.spans.push({ start, end: this.position, detector: this.detectors[rule]?.name ?? text });
  }
}
