/** The one place where text becomes {@link MaskedText}: everything recorded or served has passed here. */

import { byKey, type Found, type LaneEnd, type Masker, type Program } from "../../policy/masking/program.ts";
import { GatewayError } from "../envelope/error.ts";
import type { Author, Closing, Lane, MaskedText, TextSpan } from "../envelope/text.ts";

/** Takes the masked pieces of lanes for the record; cheap and synchronous. */
export interface PieceSink {
  piece(lane: Lane, author: Author, text: MaskedText): void;
}

/** How two directions of one text are masked: for the reader, and for the record. */
export interface LaneRules {
  /** undefined: the reader gets the text as it came. */
  readonly reader: Program | undefined;
  /** undefined: nothing of the text is recorded. The same object as `reader` where one masker serves both. */
  readonly record: Program | undefined;
  /** Told what is replaced for the reader. */
  readonly found?: Found | undefined;
  /** Rules that only observe. */
  readonly watch?: Watch | undefined;
}

/** Rules about a text that are evaluated and obeyed by nobody. */
export interface Watch {
  readonly program: Program;
  /** Told the name of the first rule that would have ended a text. */
  readonly met: (rule: string) => void;
}

/** The whole value's replacement where a rule by key names it, written in the lane's own syntax. */
const labelFor = (program: Program, { keyed, path, syntax }: TextSpan): string | undefined => {
  const label = keyed === true ? program.labelAt(path) : undefined;
  return label !== undefined && syntax === "json" ? JSON.stringify(label) : label;
};

/** Masks a value that a rule by key names: its first character brings the label, the rest nothing. */
class LabelMasker implements Masker {
  readonly held = 0;
  #label: string;
  readonly #found: Found | undefined;

  constructor(label: string, found: Found | undefined) {
    this.#label = label;
    this.#found = found;
  }

  push(chunk: string): string {
    if (chunk === "") return "";
    const label = this.#label;
    if (label !== "") this.#found?.(byKey);
    this.#label = "";
    return label;
  }

  finish(): string {
    return "";
  }
}

const openFor = (program: Program, span: TextSpan, found?: Found): Masker => {
  const label = labelFor(program, span);
  return label === undefined ? program.open(span.syntax, found) : new LabelMasker(label, found);
};

/** Follows one text for rules that only observe. */
class Watcher {
  readonly #masker: Masker;
  readonly #met: Watch["met"];

  constructor({ program, met }: Watch, { syntax }: TextSpan) {
    this.#masker = program.open(syntax);
    this.#met = met;
  }

  push(text: string): void {
    this.#masker.push(text);
    this.#look();
  }

  finish(end: LaneEnd): void {
    this.#masker.finish(end);
    this.#look();
  }

  #look(): void {
    if (this.#masker.stopped !== undefined) this.#met(this.#masker.stopped);
  }
}

const maskAtOnce = (program: Program, span: TextSpan, { complete, found }: LaneEnd & { readonly found?: Found | undefined }): string => {
  if (span.text === "") return "";
  const masker = openFor(program, span, found);
  return masker.push(span.text) + masker.finish({ complete });
};

/** One lane's text on its two ways. */
class LaneMasker {
  readonly #reader: Masker | undefined;
  /** Set only when the record is masked by other rules than the reader's text. */
  readonly #record: Masker | undefined;
  readonly #shared: boolean;
  readonly #watcher: Watcher | undefined;
  /** What the record gets of the last step. */
  recorded: MaskedText = nothing;

  constructor({ reader, record, found, watch }: LaneRules, span: TextSpan) {
    this.#watcher = watch && new Watcher(watch, span);
    this.#shared = reader !== undefined && reader === record;
    this.#reader = reader && openFor(reader, span, found);
    this.#record = this.#shared ? undefined : record && openFor(record, span);
  }

  /** The part of the lane's text that its reader may now have. */
  push(text: string): string {
    if (this.stopped !== undefined) return this.#letNothingOut();
    const released = this.#reader === undefined ? text : this.#reader.push(text);
    if (this.#shared) this.recorded = released as MaskedText;
    else if (this.#record !== undefined) this.recorded = this.#record.push(text) as MaskedText;
    this.#watcher?.push(text);
    if (this.stopped !== undefined) this.#endRecord();
    return released;
  }

  /** What was still held for its reader. */
  finish(end: LaneEnd): string {
    if (this.stopped !== undefined) return this.#letNothingOut();
    const rest = this.#reader === undefined ? "" : this.#reader.finish(end);
    if (this.#shared) this.recorded = rest as MaskedText;
    else if (this.#record !== undefined) this.recorded = this.#record.finish(end) as MaskedText;
    this.#watcher?.finish(end);
    return rest;
  }

  /** The rule that ended the text for its reader: nothing more of it is let out. */
  get stopped(): string | undefined {
    return this.#reader?.stopped;
  }

  #letNothingOut(): string {
    this.recorded = nothing;
    return "";
  }

  /** The record of a text that was ended goes as far as its reader's, masked by its own rules. */
  #endRecord(): void {
    if (this.#record !== undefined) this.recorded = (this.recorded + this.#record.finish(cut)) as MaskedText;
  }
}

const cut: LaneEnd = { complete: false };

const nothing = "" as MaskedText;

interface OpenLane {
  readonly lane: Lane;
  readonly author: Author;
  readonly masker: LaneMasker;
}

/** Runs a step of the masker; whatever it throws stops the call: unmasked text never passes on a failure. */
export const failClosed = <T>(step: () => T): T => {
  try {
    return step();
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    throw new GatewayError("masking_failed", undefined, { cause: thrown });
  }
};

/** The maskers of every lane of one stream. Lanes open with their first span and end with `close`. */
export class LaneMaskers {
  readonly #rules: LaneRules;
  readonly #sink: PieceSink;
  readonly #lanes = new Map<Lane, OpenLane>();
  #latest: OpenLane | undefined;
  /** Lanes that began in the message at hand. */
  #begun: Lane[] = [];
  #stop: GatewayError | undefined;

  constructor(rules: LaneRules, sink: PieceSink) {
    this.#rules = rules;
    this.#sink = sink;
  }

  /** Whether texts are neither masked nor recorded: then nobody need look for them. */
  get idle(): boolean {
    return this.#rules.reader === undefined && this.#rules.record === undefined && this.#rules.watch === undefined;
  }

  /** What stops the call, once a text has met a rule that ends it; what `push` and `close` return still belongs to the reader. */
  get stop(): GatewayError | undefined {
    return this.#stop;
  }

  /** A message begins. */
  begin(): void {
    if (this.#begun.length > 0) this.#begun = [];
  }

  /** Whether the lane began in the message at hand. */
  isNew(lane: Lane): boolean {
    return this.#begun.includes(lane);
  }

  /** The part of a span's text that its reader may now have. */
  push(span: TextSpan): string {
    const open = this.#latest?.lane === span.lane ? this.#latest : this.#open(span);
    const released = open.masker.push(span.text);
    this.#note(open);
    return released;
  }

  /** Ends a lane; returns the text of it that was still held for its reader. A lane never opened has none. */
  close(closing: Closing): string {
    const open = this.#lanes.get(closing.lane);
    if (open === undefined) return "";
    this.#lanes.delete(closing.lane);
    if (this.#latest === open) this.#latest = undefined;
    const rest = open.masker.finish(closing);
    this.#note(open);
    return rest;
  }

  /** The lanes that have begun and not ended. */
  open(): readonly Lane[] {
    return [...this.#lanes.keys()];
  }

  #open(span: TextSpan): OpenLane {
    let open = this.#lanes.get(span.lane);
    if (open === undefined) {
      open = { lane: span.lane, author: span.author, masker: new LaneMasker(this.#rules, span) };
      this.#lanes.set(span.lane, open);
      this.#begun.push(span.lane);
    }
    this.#latest = open;
    return open;
  }

  #note({ lane, author, masker }: OpenLane): void {
    if (masker.recorded !== "") this.#sink.piece(lane, author, masker.recorded);
    if (masker.stopped !== undefined) this.#stop ??= blockedBy(masker.stopped);
  }
}

/** The caller learns that the answer was blocked; the rule is for the record. */
const blockedBy = (rule: string): GatewayError => new GatewayError("response_blocked", undefined, { note: `blocked by ${rule}` });

/** Takes the masked texts of a whole message for the record, each with the span that it was released at. */
export type SpanSink = (span: TextSpan, text: MaskedText) => void;

/** A whole message's texts: every lane of them ends with the message. */
export interface WholeTexts {
  readonly spans: readonly TextSpan[];
  /** The lanes whose generation was cut are among them; every other lane is complete. */
  readonly closings: readonly Closing[];
}

const complete: LaneEnd = { complete: true };

/** Masks a text that is a whole lane: nothing is held, so nothing of the lane need be kept. Throws `response_blocked`. */
const maskWhole = (span: TextSpan, end: LaneEnd, rules: LaneRules, sink: SpanSink): string => {
  const { reader, record, found, watch } = rules;
  if (watch !== undefined || (reader?.stops === true && span.text !== "")) return maskAsLane(span, end, rules, sink);
  const released = reader === undefined ? span.text : maskAtOnce(reader, span, { ...end, found });
  if (record === undefined) return released;
  const recorded = record === reader ? released : maskAtOnce(record, span, end);
  if (recorded !== "") sink(span, recorded as MaskedText);
  return released;
};

/** The same where a rule may end the text. */
const maskAsLane = (span: TextSpan, end: LaneEnd, rules: LaneRules, sink: SpanSink): string => {
  const masker = new LaneMasker(rules, span);
  let released = masker.push(span.text);
  let { recorded } = masker;
  if (masker.stopped === undefined) {
    released += masker.finish(end);
    recorded = (recorded + masker.recorded) as MaskedText;
  }
  if (recorded !== "") sink(span, recorded);
  if (masker.stopped !== undefined) throw blockedBy(masker.stopped);
  return released;
};

/** The index of every lane's last span. */
const lastSpans = (spans: readonly TextSpan[]): ReadonlyMap<Lane, number> => {
  const last = new Map<Lane, number>();
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index];
    if (span !== undefined) last.set(span.lane, index);
  }
  return last;
};

/**
 * The texts of a whole message, masked for their reader, paired with its spans. What a lane held back at one span is released with a later one
 * of the same lane, or with its last. A lane is open from its first span to its last, so that a message of very many costs no more than their text.
 * Throws `response_blocked` where a text meets a rule that ends it.
 */
export const maskSpans = ({ spans, closings }: WholeTexts, rules: LaneRules, sink: SpanSink): string[] => {
  const last = lastSpans(spans);
  const broken = new Set<Lane>();
  for (const closing of closings) if (!closing.complete) broken.add(closing.lane);
  const open = new Map<Lane, LaneMasker>();
  return spans.map((span, index) => {
    const end = broken.has(span.lane) ? cut : complete;
    const ends = last.get(span.lane) === index;
    let masker = open.get(span.lane);
    if (ends && masker === undefined) return maskWhole(span, end, rules, sink);
    if (masker === undefined) {
      masker = new LaneMasker(rules, span);
      open.set(span.lane, masker);
    }
    let released = masker.push(span.text);
    let { recorded } = masker;
    if (ends && masker.stopped === undefined) {
      open.delete(span.lane);
      released += masker.finish(end);
      recorded = (recorded + masker.recorded) as MaskedText;
    }
    if (recorded !== "") sink(span, recorded);
    if (masker.stopped !== undefined) throw blockedBy(masker.stopped);
    return released;
  });
};

/** A whole text that is no message's, masked for the record. Throws `masking_failed`. */
export const maskedForRecord = (program: Program, text: string): MaskedText =>
  failClosed(() => {
    const masker = program.open("plain");
    return (masker.push(text) + masker.finish(complete)) as MaskedText;
  });
