/** Spans of text to be masked, united (rule 4). */

/** A stretch that one replacement stands for. */
export interface Region {
  start: number;
  end: number;
  /** The rule it is named after: the lowest that covers part of it. */
  rule: number;
  /** Its replacement was decided before its end was known (the cap): the name stays. */
  frozen: boolean;
  /** Its replacement was released; what is added to its end is swallowed. */
  shown: boolean;
  /** Its text is not a whole secret. */
  partial: boolean;
}

/** Regions in order: `settled` can change no more, `open` may still grow or join. */
export class Regions {
  readonly open: Region[] = [];
  settled: Region[] = [];

  /** Forgets all of them. */
  clear(): void {
    if (this.open.length > 0) this.open.length = 0;
    if (this.settled.length > 0) this.settled = [];
  }

  /** Adds a span, uniting it with the open regions it overlaps; touching ones stay apart. Returns the region it became part of. */
  add(start: number, end: number, rule: number, partial: boolean): Region {
    const { open } = this;
    let first = open.length;
    while (first > 0 && (open[first - 1]?.end ?? 0) > start) first--;
    let last = first;
    while ((open[last]?.start ?? end) < end) last++;
    const overlapped = open.slice(first, last);
    const span = { start, end, rule, frozen: false, shown: false, partial };
    // INVARIANT: a frozen region keeps its identity, for its run may still lengthen it.
    const kept = overlapped.find((region) => region.frozen) ?? overlapped[0] ?? span;
    for (const other of [...overlapped, span]) if (other !== kept) unite(kept, other);
    open.splice(first, last - first, kept);
    return kept;
  }

  /** Lengthens a region, uniting it with those it comes to overlap. */
  extend(region: Region, end: number): void {
    if (end <= region.end) return;
    region.end = end;
    const at = this.open.indexOf(region) + 1;
    for (let other = this.open[at]; other !== undefined && other.start < region.end; other = this.open[at]) {
      unite(region, other);
      this.open.splice(at, 1);
    }
  }

  /** Settles what ends before the first position that is still undecided. */
  settle(hold: number): void {
    for (let first = this.open[0]; first !== undefined && first.end <= hold; first = this.open[0]) {
      this.settled.push(first);
      this.open.shift();
    }
  }
}

/** Takes another region in; a frozen one gives its name for good. */
function unite(region: Region, other: Region): void {
  if (other.frozen && !region.frozen) region.rule = other.rule;
  else if (!region.frozen) region.rule = Math.min(region.rule, other.rule);
  region.start = Math.min(region.start, other.start);
  region.end = Math.max(region.end, other.end);
  region.frozen ||= other.frozen;
  region.shown ||= other.shown;
  region.partial ||= other.partial;
}
