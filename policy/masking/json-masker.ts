/**
 * The masker of JSON lanes (rule 9 of the law of masking): what was valid JSON stays so, for every cut.
 *
 * Two readings find spans: the lane as it is written, structure and all, and each string unescaped behind its key path. Spans are cut to the tokens that they
 * touch: inside a string the replacement is escaped, a number or literal becomes a quoted label, structure is never covered. Values that `mask.keys` names are
 * replaced as soon as they begin. From the first invalid position on the lane is plain text.
 */

import { escapeJson, type JsonSink, JsonStream, type PathTable } from "../../src/envelope/json/index.ts";
import type { Core } from "./compile.ts";
import { quoted, SpanCutter } from "./json-cut.ts";
import { type JsonToken, JsonTokens } from "./json-tokens.ts";
import { contextOf, ValueScanner } from "./json-values.ts";
import type { KeyRule } from "./keys.ts";
import type { FoundRule, PlainMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import { ViewScanner } from "./views.ts";
import { longSpan } from "./views-cover.ts";
import { JoinedText, Outlet } from "./views-outlet.ts";
import { EngineScanner, edge } from "./views-scanner.ts";

/** Containers open at once; a deeper one is replaced as a whole. */
const deepest = 256;
const tooDeepLabel = "[TOO_DEEP]";
/** A number longer than the cap is replaced: it cannot be held any longer. */
const tooLongLabel = "[NUMBER]";

/** How strings end that are closed. */
const complete: LaneEnd = { complete: true };

/** What a JSON lane masks besides what detectors find. */
export interface JsonLaneRules {
  readonly keys: PathTable<KeyRule>;
  readonly keyCount: number;
}

/** A token whose replacement is certain while it is still arriving. */
interface Covering {
  readonly token: JsonToken;
  readonly rule: number;
  readonly text: string;
  told: boolean;
}

export class JsonMasker implements PlainMasker, JsonSink {
  readonly #outlet = new Outlet();
  readonly #tokens = new JsonTokens();
  readonly #core: Core;
  readonly #stream: JsonStream<KeyRule>;
  readonly #raw: EngineScanner;
  #rawCarry = "";
  readonly #values: ValueScanner;
  /** The scanner of what follows the first invalid position. */
  #tail: ViewScanner | undefined;
  #tailStart = 0;
  readonly #firstKeyRule: number;
  readonly #structureRule: number;
  /** The string, key or scalar at hand. */
  #open: JsonToken | undefined;
  #covering: Covering | undefined;
  readonly #found: FoundRule | undefined;

  constructor(core: Core, rules: JsonLaneRules, found?: FoundRule) {
    this.#core = core;
    this.#found = found;
    this.#stream = new JsonStream(this, { table: rules.keys, depth: deepest, many: true });
    this.#raw = new EngineScanner(core, new SpanCutter(this.#tokens, this.#outlet, core.stops));
    this.#values = new ValueScanner(core, new SpanCutter(this.#tokens, this.#outlet, core.stops));
    this.#firstKeyRule = core.detectors.length;
    this.#structureRule = core.detectors.length + rules.keyCount;
  }

  get held(): number {
    return this.#outlet.held;
  }

  push(chunk: string): string {
    const sink = new JoinedText(this.#found);
    this.pushOps(chunk, sink);
    return sink.text;
  }

  finish(end?: LaneEnd): string {
    const sink = new JoinedText(this.#found);
    this.finishOps(sink, end);
    return sink.text;
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    const base = this.#outlet.end;
    this.#outlet.append(chunk);
    this.#stream.push(chunk);
    this.#values.scan();
    this.#tail?.push(chunk.slice(Math.max(0, this.#tailStart - base)));
    this.#scanRaw(chunk);
    this.#coverOn(this.#outlet.end);
    this.#release(sink, this.#tokens.releasable(this.#decided(), this.#outlet.end));
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.#stream.finish();
    if (this.#open?.form === "string") this.#values.finish(end);
    this.#tail?.finish(end);
    this.#raw.push(this.#rawCarry);
    this.#raw.finish(end);
    if (this.#open !== undefined) this.#close(this.#open, this.#outlet.end);
    this.#outlet.release(sink, this.#outlet.end);
  }

  openString(start: number, key: boolean): void {
    const rule = key ? undefined : this.#stream.tag;
    if (rule !== undefined) {
      this.#coverKey(rule, start + 1, escapeJson(rule.label));
      return;
    }
    this.#open = this.#tokens.open("string", start + 1);
    this.#values.begin(start + 1, key ? "" : contextOf(this.#stream.keyPath));
  }

  characters(_start: number, text: string): void {
    if (this.#covering === undefined) this.#values.characters(text);
  }

  escape(start: number, end: number, unit: number): void {
    if (this.#covering !== undefined) return;
    this.#tokens.escape(start, end);
    this.#values.escape(start, end, unit);
  }

  closeString(end: number): void {
    if (this.#covering === undefined) this.#values.finish(complete);
    if (this.#open !== undefined) this.#close(this.#open, end - 1);
  }

  openScalar(start: number): void {
    const rule = this.#stream.tag;
    if (rule === undefined) this.#open = this.#tokens.open("scalar", start);
    else this.#coverKey(rule, start, quoted(rule.label));
  }

  closeScalar(end: number): void {
    const token = this.#open;
    if (token === undefined) return;
    if (token.form === "scalar" && end - token.start >= longSpan) this.#coverLong(token);
    const number = token.form === "scalar" && this.#stream.member ? this.#outlet.text(token.start, end) : "";
    this.#close(token, end);
    if (number !== "") this.#scanMember(token.start, number);
  }

  enter(start: number, deep: boolean): boolean {
    const rule = this.#stream.tag;
    if (rule !== undefined) this.#coverKey(rule, start, quoted(rule.label));
    else if (deep) this.#cover(this.#tokens.open("covered", start), this.#structureRule, quoted(tooDeepLabel));
    else return false;
    return true;
  }

  leave(end: number): void {
    if (this.#open?.form === "covered") this.#close(this.#open, end);
  }

  broken(at: number): void {
    if (this.#open?.form === "string") this.#values.finish(complete);
    if (this.#open !== undefined) this.#close(this.#open, at);
    this.#tokens.open("plain", at);
    this.#tailStart = at;
    this.#tail = new ViewScanner(this.#core, new SpanCutter(this.#tokens, this.#outlet, this.#core.stops));
    this.#tail.reset(at, edge);
  }

  /** Scans the lane as it is written; never a part of an escape, so that what is found can be cut to whole ones. */
  #scanRaw(chunk: string): void {
    const text = this.#rawCarry + chunk;
    const whole = (this.#stream.openEscape ?? this.#outlet.end) - this.#raw.end;
    this.#rawCarry = text.slice(whole);
    this.#raw.push(whole === text.length ? text : text.slice(0, whole));
  }

  /** A number behind its key, as strings are read. */
  #scanMember(start: number, number: string): void {
    this.#values.begin(start, contextOf(this.#stream.keyPath));
    this.#values.characters(number);
    this.#values.finish(complete);
  }

  #coverKey(rule: KeyRule, start: number, text: string): void {
    this.#cover(this.#tokens.open("covered", start), this.#firstKeyRule + rule.index, text);
  }

  #coverLong(token: JsonToken): void {
    token.form = "covered";
    this.#cover(token, this.#structureRule, quoted(tooLongLabel));
  }

  #cover(token: JsonToken, rule: number, text: string): void {
    this.#open = token;
    this.#covering = { token, rule, text, told: false };
  }

  /** Covers what has come of a token whose replacement is certain. */
  #coverOn(end: number): void {
    const open = this.#open;
    if (open?.form === "scalar" && end - open.start >= longSpan) this.#coverLong(open);
    const covering = this.#covering;
    if (covering === undefined) return;
    const { token, rule, text, told } = covering;
    // Named from before its beginning on, so that it can be told at once.
    this.#outlet.cover.add({ start: token.start, end, rule, text, continues: told, frozen: token.start - 1 });
    covering.told = true;
  }

  #close(token: JsonToken, end: number): void {
    token.end = end;
    if (token.form === "covered") this.#coverOn(end);
    for (const { rule, text } of token.found) {
      if (token.form === "scalar") this.#outlet.cover.add({ start: token.start, end, rule, text, continues: false });
    }
    this.#open = undefined;
    this.#covering = undefined;
  }

  /** Source offset before which no new span can begin. */
  #decided(): number {
    let limit = this.#raw.hold;
    if (this.#open?.form === "string") limit = Math.min(limit, this.#values.hold);
    return this.#tail === undefined ? limit : Math.min(limit, this.#tail.hold);
  }

  #release(sink: ReleaseSink, limit: number): void {
    this.#outlet.release(sink, this.#outlet.wholePoint(limit));
    this.#tokens.drop(this.#outlet.released);
  }
}
