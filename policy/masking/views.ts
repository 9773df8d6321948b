/**
 * A scanner that sees a text and its views (rule 10 of the law of masking) as one: the spans of all of them come to one sink, and its hold is the earliest.
 *
 * Views cost next to nothing where they do not differ from the text. A view wakes where something stands that it changes: it is shown the text again from
 * where the earliest run still lives, and rests once neither it nor the text has anything alive. Where it wakes and rests follows from the text alone,
 * so that no cut of the text can change what is found.
 */

import type { Core } from "./compile.ts";
import type { LaneEnd } from "./program.ts";
import { BlobView } from "./views-blobs.ts";
import type { ViewKind } from "./views-derive.ts";
import { DerivedView } from "./views-derived.ts";
import { foldableClass } from "./views-fold.ts";
import { RecentText } from "./views-recent.ts";
import { EngineScanner, edge, type Scanner, type SpanSink } from "./views-scanner.ts";
import { wakesNothing } from "./views-units.ts";

/** What wakes a view. Shared by all scanners: where to look from is set before each look. */
const wakes: Record<ViewKind, RegExp> = {
  folded: new RegExp(`[${foldableClass}]`, "g"),
  unescaped: /%[0-9A-Fa-f]{2}|\\[bfnrtux"\\/]/g,
};
const kinds: readonly ViewKind[] = ["folded", "unescaped"];
/** The beginning of what may wake the unescaped view. */
const undecided = /(?:%[0-9A-Fa-f]?|\\)$/u;

/** At the first white space so many units after one woke, or after they were last asked, views are asked whether they can rest. */
const restAfter = 24;
/** A run that has lived longer than this is not shown again to a view that wakes: only context without an end lives so long. */
const longestReplay = 4096;

/** A view that may be woken. */
interface Sleeper {
  readonly kind: ViewKind;
  /** Made when it first wakes. */
  view: DerivedView | undefined;
  /** Index in the text at hand at which it must wake next; the text's length where it need not. */
  next: number;
}

export class ViewScanner implements Scanner {
  readonly #core: Core;
  readonly #sink: SpanSink;
  readonly #plain: EngineScanner;
  /** What was scanned. */
  readonly #recent = new RecentText();
  readonly #blobs: BlobView;
  /** Made when something first may wake one. */
  #sleepers: readonly Sleeper[] = [];
  #awake: readonly DerivedView[] = noViews;
  /** Not scanned yet: it may be the beginning of an escape. */
  #carry = "";
  #restAt = 0;
  #previous = edge;

  constructor(core: Core, sink: SpanSink) {
    this.#core = core;
    this.#sink = sink;
    this.#plain = new EngineScanner(core, sink);
    this.#blobs = new BlobView(core, sink, this.#recent);
  }

  get end(): number {
    return this.#plain.end + this.#carry.length;
  }

  get hold(): number {
    return this.#blobs.holdBelow(this.#holdOfTexts());
  }

  /** Source offset before which the text alone tells no new span. */
  get plainHold(): number {
    return this.#plain.hold;
  }

  /** Whether views hold back no more than the text alone, as long as none is awake. */
  get holdsAsPlain(): boolean {
    const { hold } = this.#plain;
    return this.#blobs.holdBelow(hold) === hold;
  }

  /** Whether no view is at work: what follows need not concern any. */
  get calm(): boolean {
    return this.#awake.length === 0 && this.#carry === "" && this.#blobs.waiting;
  }

  /** The end of the text that was scanned: at least from {@link ViewScanner.plainHold} on. */
  get remembered(): string {
    return this.#recent.text;
  }

  reset(at: number, previous: number): void {
    this.#plain.reset(at, previous);
    this.#blobs.reset(at);
    this.#recent.reset(at);
    for (const view of this.#awake) view.rest();
    this.#awake = noViews;
    this.#carry = "";
    this.#previous = previous;
  }

  push(chunk: string): void {
    if (this.glide(chunk) !== undefined) return;
    const text = this.#carry === "" ? chunk : this.#carry + chunk;
    this.#carry = "";
    this.#read(text, true);
  }

  /** Scans a chunk that concerns no view, and gives what the text alone lets go of it; undefined where views must see it, which leaves it to `push`. */
  glide(chunk: string): string | undefined {
    if (this.#awake.length > 0 || this.#carry !== "" || !this.#blobs.glance(chunk)) return undefined;
    const plain = this.#plain;
    const copied = plain.push(chunk);
    this.#recent.add(chunk, Math.min(Math.max(plain.since, plain.end - longestReplay) - 1, plain.hold, this.#blobs.since));
    return copied;
  }

  finish(end: LaneEnd): void {
    const carry = this.#carry;
    this.#carry = "";
    if (carry !== "") this.#read(carry, false);
    this.#plain.finish(end);
    for (const view of this.#awake) view.finish(end);
    this.#blobs.finish(end);
  }

  /** Scans a text, but for an undecided end if there is more to come. */
  #read(text: string, more: boolean): void {
    const base = this.#plain.end;
    if (this.#sleepers.length === 0) this.#sleepers = kinds.map((kind) => ({ kind, view: undefined, next: 0 }));
    const still = wakesNothing(text);
    for (const sleeper of this.#sleepers) {
      if (still) sleeper.next = Number.POSITIVE_INFINITY;
      else look(sleeper, text, 0);
    }
    let at = 0;
    for (;;) {
      const stop = this.#stop(text, at, base);
      const until = more && stop === text.length ? stop - this.#undecidedUnits(text, at) : stop;
      if (until > at) this.#scan(until - at === text.length ? text : text.slice(at, until));
      at = until;
      if (until < stop) break;
      this.#rest(text, at, base);
      if (at === text.length) break;
      this.#wake(at, base);
    }
    this.#carry = text.slice(at);
  }

  /** Where something may have to change: a view wakes, or can be asked to rest. */
  #stop(text: string, at: number, base: number): number {
    let stop = text.length;
    for (const { next } of this.#sleepers) if (next < stop) stop = next;
    if (this.#awake.length > 0) {
      const space = whiteSpaceFrom(text, Math.max(at, this.#restAt - base), stop);
      if (space >= 0) stop = space + 1;
    }
    return stop;
  }

  /** Units at the end of a text that may be the beginning of what wakes a view; none where that is awake. */
  #undecidedUnits(text: string, at: number): number {
    const last = text.charCodeAt(text.length - 1);
    if (last !== percent && last !== backslash && text.charCodeAt(text.length - 2) !== percent) return 0;
    if (this.#sleepers.some(({ kind, view }) => kind === "unescaped" && view?.active === true)) return 0;
    return Math.min(undecided.exec(text)?.[0].length ?? 0, text.length - at);
  }

  #scan(text: string): void {
    this.#plain.push(text);
    for (const view of this.#awake) view.push(text);
    this.#blobs.push(text);
    this.#remember(text);
  }

  #wake(at: number, base: number): void {
    const floor = this.#holdOfTexts();
    for (const sleeper of this.#sleepers) {
      if (sleeper.next !== at) continue;
      const from = this.#since();
      sleeper.view ??= new DerivedView(sleeper.kind, this.#core, this.#sink);
      sleeper.view.begin(from, this.#recent.before(from) ?? this.#previous, floor);
      sleeper.view.push(this.#recent.from(from));
      sleeper.next = Number.POSITIVE_INFINITY;
      this.#restAt = base + at + restAfter;
    }
    this.#awake = this.#sleepers.flatMap(({ view }) => (view?.active === true ? [view] : []));
  }

  #rest(text: string, at: number, base: number): void {
    if (this.#awake.length === 0 || base + at <= this.#restAt || !isWhiteSpace(text.charCodeAt(at - 1))) return;
    this.#restAt = base + at + restAfter;
    if (!this.#plain.idle) return;
    for (const sleeper of this.#sleepers) {
      if (sleeper.view?.active !== true || !sleeper.view.settled(base + at)) continue;
      sleeper.view.rest();
      look(sleeper, text, at);
    }
    this.#awake = this.#awake.filter((view) => view.active);
  }

  /** The hold of the text and of the views that read it as a text. */
  #holdOfTexts(): number {
    let { hold } = this.#plain;
    if (this.#awake.length === 0) return hold;
    for (const view of this.#awake) hold = Math.min(hold, view.hold);
    return hold;
  }

  /** Where the earliest live run began, of the text and of every view that is awake; not too long ago. */
  #since(): number {
    let { since } = this.#plain;
    if (this.#awake.length > 0) for (const view of this.#awake) since = Math.min(since, view.since);
    return Math.max(since, this.#plain.end - longestReplay);
  }

  /** Keeps of what was scanned what may be shown again, with the unit before it, what is not decided, and what may be the head of a data URL. */
  #remember(text: string): void {
    this.#recent.add(text, Math.min(this.#since() - 1, this.#plain.hold, this.#blobs.since));
  }
}

const noViews: readonly DerivedView[] = [];

const percent = 0x25;
const backslash = 0x5c;

const isWhiteSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;

/** The first white space from one index on, before another; -1 where there is none. */
const whiteSpaceFrom = (text: string, from: number, to: number): number => {
  for (let at = from; at < to; at++) if (isWhiteSpace(text.charCodeAt(at))) return at;
  return -1;
};

/** Finds where a view that is asleep must wake, from `at` on. */
const look = (sleeper: Sleeper, text: string, at: number): void => {
  if (sleeper.view?.active === true) return;
  const wake = wakes[sleeper.kind];
  wake.lastIndex = at;
  const found = wake.exec(text);
  sleeper.next = found === null ? Number.POSITIVE_INFINITY : found.index;
};
