/** A view at work: a derivation, a scanner over what it makes, and the way back to the source. */

import type { Core } from "./compile.ts";
import type { LaneEnd } from "./program.ts";
import { Derivation, type ViewKind } from "./views-derive.ts";
import { EngineScanner, type SpanSink } from "./views-scanner.ts";

/**
 * Works only where it differs from the source: {@link DerivedView.begin} wakes it, and it may rest once nothing that it changed can matter any more.
 */
export class DerivedView implements SpanSink {
  #active = false;
  readonly #sink: SpanSink;
  readonly #derivation: Derivation;
  readonly #scanner: EngineScanner;
  /** Where the span at hand begins in the source: a capped one is told again when its map entry is long gone. */
  #spanStart = 0;
  #floor = 0;

  constructor(kind: ViewKind, core: Core, sink: SpanSink) {
    this.#sink = sink;
    this.#derivation = new Derivation(kind);
    this.#scanner = new EngineScanner(core, this);
  }

  get active(): boolean {
    return this.#active;
  }

  /** Source offset before which the view tells no new span: never before the floor, however long ago something began that lives. */
  get hold(): number {
    const { hold, end } = this.#scanner;
    return hold < end ? Math.max(this.#floor, Math.min(this.#derivation.out.map.start(hold), this.#derivation.at)) : this.#derivation.at;
  }

  /** Source offset where the view's earliest live run began. */
  get since(): number {
    const { since, end } = this.#scanner;
    return since < end ? Math.min(this.#derivation.out.map.start(since), this.#derivation.at) : this.#derivation.at;
  }

  /** Begins at source offset `at`, after the code unit `previous`. Spans before `floor` have been told by others: only what lies behind is told again. */
  begin(at: number, previous: number, floor: number): void {
    this.#active = true;
    this.#floor = floor;
    this.#derivation.reset(at);
    this.#scanner.reset(at, previous);
  }

  rest(): void {
    this.#active = false;
  }

  /** Whether the view, at source offset `at`, sees what the source's own scanner sees there if that has nothing live either: not even the unit before differs. */
  settled(at: number): boolean {
    return this.#scanner.idle && this.#derivation.at === at && this.#derivation.out.changed < at;
  }

  push(text: string): void {
    this.#derivation.push(text);
    this.#scan();
  }

  finish(end: LaneEnd): void {
    this.#derivation.finish();
    this.#scan();
    this.#scanner.finish(end);
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    const { map } = this.#derivation.out;
    if (!continues) this.#spanStart = Math.max(map.start(start), this.#floor);
    const spanEnd = map.end(end);
    if (spanEnd > this.#floor) this.#sink.span(this.#spanStart, spanEnd, rule, text, continues);
  }

  #scan(): void {
    this.#scanner.push(this.#derivation.out.take());
    const { map } = this.#derivation.out;
    if (map.crowded) map.prune(Math.min(this.#scanner.since, this.#scanner.hold));
  }
}
