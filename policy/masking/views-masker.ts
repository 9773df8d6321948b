/** The masker of plain lanes that sees encodings too. */

import type { Core, LaneFactory } from "./compile.ts";
import type { PlainMasker, ReleaseSink } from "./plain-masker.ts";
import type { LaneEnd } from "./program.ts";
import { ViewScanner } from "./views.ts";
import { JoinedText, Outlet } from "./views-outlet.ts";
import type { SpanSink } from "./views-scanner.ts";

/** Lanes whose encoded secrets are found as well (rule 10): for `CompileOptions.plain`. */
export const viewLanes: LaneFactory = (core) => () => new ViewMasker(core);

class ViewMasker implements PlainMasker, SpanSink {
  readonly #scanner: ViewScanner;
  readonly #outlet = new Outlet();

  constructor(core: Core) {
    this.#scanner = new ViewScanner(core, this);
  }

  get held(): number {
    return this.#outlet.held;
  }

  push(chunk: string): string {
    const sink = new JoinedText();
    this.pushOps(chunk, sink);
    return sink.text;
  }

  finish(end?: LaneEnd): string {
    const sink = new JoinedText();
    this.finishOps(sink, end);
    return sink.text;
  }

  pushOps(chunk: string, sink: ReleaseSink): void {
    this.#outlet.append(chunk);
    this.#scanner.push(chunk);
    this.#outlet.release(sink, this.#outlet.wholePoint(this.#scanner.hold));
  }

  finishOps(sink: ReleaseSink, end: LaneEnd = { complete: true }): void {
    this.#scanner.finish(end);
    this.#outlet.release(sink, this.#outlet.end);
  }

  span(start: number, end: number, rule: number, text: string, continues: boolean): void {
    this.#outlet.cover.add({ start, end, rule, text, continues });
  }
}
