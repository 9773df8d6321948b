/** The masker of plain lanes that sees encodings too. */

import type { Core, LaneFactory } from "./compile.ts";
import type { FoundRule, PlainMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import { ViewScanner } from "./views.ts";
import { JoinedText, Outlet } from "./views-outlet.ts";
import type { SpanSink } from "./views-scanner.ts";

/** Lanes whose encoded secrets are found as well (rule 10): for `CompileOptions.plain`. */
export const viewLanes: LaneFactory = (core) => (found) => new ViewMasker(core, found);

/**
 * Direct while views have nothing to say: then the engine's own releases are the lane's, and the outlet is not used. It is as soon as something is masked,
 * a view wakes, or a view holds back more than the text alone does; until the lane holds no more than that.
 */
class ViewMasker implements PlainMasker, SpanSink {
  readonly #scanner: ViewScanner;
  readonly #outlet = new Outlet();
  readonly #found: FoundRule | undefined;
  #direct = true;

  constructor(core: Core, found: FoundRule | undefined) {
    this.#found = found;
    this.#scanner = new ViewScanner(core, this);
  }

  get held(): number {
    return this.#direct ? this.#scanner.end - this.#scanner.plainHold : this.#outlet.held;
  }

  push(chunk: string): string {
    const scanner = this.#scanner;
    const { plainHold, end, remembered } = scanner;
    const copied = this.#direct ? scanner.glide(chunk) : undefined;
    if (copied !== undefined && this.#outlet.cover.empty && scanner.holdsAsPlain) return copied;
    if (this.#direct) this.#attach(plainHold, remembered.slice(remembered.length - (end - plainHold)));
    this.#outlet.append(chunk);
    if (copied === undefined) scanner.push(chunk);
    const sink = new JoinedText(this.#found);
    this.#release(sink);
    return sink.text;
  }

  finish(end?: LaneEnd): string {
    const sink = new JoinedText(this.#found);
    this.finishOps(sink, end);
    return sink.text;
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    this.#attachHeld();
    this.#outlet.append(chunk);
    this.#scanner.push(chunk);
    this.#release(sink);
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.#attachHeld();
    this.#scanner.finish(end);
    this.#outlet.release(sink, this.#outlet.end);
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    this.#outlet.cover.add({ start, end, rule, text, continues });
  }

  #attachHeld(): void {
    if (!this.#direct) return;
    const { plainHold, end, remembered } = this.#scanner;
    this.#attach(plainHold, remembered.slice(remembered.length - (end - plainHold)));
  }

  #attach(released: number, held: string): void {
    this.#outlet.attach(released, held);
    this.#direct = false;
  }

  #release(sink: ReleaseSink): void {
    const outlet = this.#outlet;
    outlet.release(sink, outlet.wholePoint(this.#scanner.hold));
    this.#direct = this.#scanner.calm && outlet.cover.empty && outlet.released === this.#scanner.plainHold;
  }
}
