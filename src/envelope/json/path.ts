/**
 * Path tables: which values of a document are meant, as data.
 *
 * A path is keys and indices from the root joined by dots: `choices.*.delta.content`. `*` is any one key or index, `**` any number of them, none included;
 * a backslash takes the next character literally (`a\.b` is one key). The empty path is the document itself.
 * A table is compiled into a deterministic automaton over keys, so that walking it beside a tokenizer costs one map look-up a key.
 */

/** Where a walk stands in a table. `other` is the way on for every key that `keys` does not name. */
export interface PathState<T> {
  readonly tag: T | undefined;
  readonly keys: ReadonlyMap<string, PathState<T>>;
  readonly other: PathState<T>;
  /** Whether no path can be completed below. */
  readonly dead: boolean;
}

export interface PathTable<T> {
  readonly root: PathState<T>;
  /** Whether keys are compared without regard to case. */
  readonly caseless: boolean;
}

export interface PathOptions {
  readonly caseless?: boolean;
}

/** `**` can make the automaton grow exponentially with hostile paths; no honest table comes near this. */
const maxStates = 10_000;

const anyKey = "*";
const anyDepth = "**";

/** One path with its tag: `segments` are its keys, and the wildcards. A literal key that reads `*` is written `\*`. */
export interface TaggedPath<T> {
  readonly segments: readonly string[];
  readonly tag: T;
}

/** A path's segments. Escapes are kept where they keep a segment from being read as a wildcard. */
const parsePath = (path: string): readonly string[] =>
  path === "" ? [] : Array.from(path.matchAll(/(?:^|\.)((?:[^.\\]|\\.)*)/gsu), (found) => found[1] ?? "");

/** Compiles paths with their tags; where several fit a value, the first listed wins. Throws RangeError where the paths multiply beyond reason. */
export const compilePaths = <T>(paths: Readonly<Record<string, T>>, options: PathOptions = {}): PathTable<T> =>
  compileSegments(
    Object.entries(paths).map(([path, tag]) => ({ segments: parsePath(path), tag })),
    options,
  );

/** {@link compilePaths} for paths that are already in segments. */
export const compileSegments = <T>(paths: readonly TaggedPath<T>[], options: PathOptions = {}): PathTable<T> => {
  const caseless = options.caseless === true;
  return { root: new PathCompiler(paths, caseless).compile(), caseless };
};

/** A place between two segments of one path. */
interface Item {
  readonly path: number;
  readonly at: number;
}

/** A state while the table is made: until its `other` is known, every key leads back to itself. */
class Draft<T> implements PathState<T> {
  readonly tag: T | undefined;
  readonly dead: boolean;
  readonly keys = new Map<string, Draft<T>>();
  other: Draft<T> = this;

  constructor(tag: T | undefined, dead: boolean) {
    this.tag = tag;
    this.dead = dead;
  }
}

/** Subset construction: a state is the set of places that a walk may stand at. */
class PathCompiler<T> {
  readonly #paths: readonly TaggedPath<T>[];
  readonly #caseless: boolean;
  readonly #states = new Map<string, Draft<T>>();
  readonly #queue: { readonly draft: Draft<T>; readonly items: readonly Item[] }[] = [];

  constructor(paths: readonly TaggedPath<T>[], caseless: boolean) {
    this.#paths = paths;
    this.#caseless = caseless;
  }

  compile(): PathState<T> {
    const root = this.#state(this.#paths.flatMap((_, path) => this.#closure({ path, at: 0 })));
    for (const { draft, items } of this.#queue) {
      draft.other = this.#after(items, undefined);
      for (const key of this.#named(items)) draft.keys.set(key, this.#after(items, key));
    }
    return root;
  }

  /** The place itself, and every place that `**` lets be reached without a key. */
  #closure(item: Item): Item[] {
    const items = [item];
    let { at } = item;
    while (this.#segment({ path: item.path, at }) === anyDepth) items.push({ path: item.path, at: ++at });
    return items;
  }

  #segment({ path, at }: Item): string | undefined {
    return this.#paths[path]?.segments[at];
  }

  #literal(segment: string): string {
    const key = segment.replace(/\\(.)/gsu, "$1");
    return this.#caseless ? caselessKey(key) : key;
  }

  #named(items: readonly Item[]): Set<string> {
    const keys = new Set<string>();
    for (const item of items) {
      const segment = this.#segment(item);
      if (segment !== undefined && segment !== anyKey && segment !== anyDepth) keys.add(this.#literal(segment));
    }
    return keys;
  }

  #after(items: readonly Item[], key: string | undefined): Draft<T> {
    return this.#state(items.flatMap((item) => this.#step(item, key)));
  }

  #step(item: Item, key: string | undefined): Item[] {
    const segment = this.#segment(item);
    if (segment === undefined) return [];
    if (segment === anyDepth) return this.#closure(item);
    if (segment === anyKey || (key !== undefined && this.#literal(segment) === key))
      return this.#closure({ path: item.path, at: item.at + 1 });
    return [];
  }

  #state(items: readonly Item[]): Draft<T> {
    const unique = new Map(items.map((item) => [`${item.path}.${item.at}`, item]));
    const id = [...unique.keys()].sort().join();
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    if (this.#states.size >= maxStates) throw new RangeError("these paths have too many combinations");
    const draft = this.#draft([...unique.values()]);
    this.#states.set(id, draft);
    return draft;
  }

  #draft(items: readonly Item[]): Draft<T> {
    const ended = items.filter((item) => this.#segment(item) === undefined).map((item) => item.path);
    const tag = ended.length === 0 ? undefined : this.#paths[Math.min(...ended)]?.tag;
    const draft = new Draft(tag, ended.length === items.length);
    this.#queue.push({ draft, items });
    return draft;
  }
}

/** A key as tables compare it that are blind to case, and readers written in Go: the long s is an s, as the Kelvin sign is a k. */
export const caselessKey = (key: string): string => {
  const lower = key.toLowerCase();
  return lower.includes("\u017f") ? lower.replaceAll("\u017f", "s") : lower;
};

/** Where a walk stands after an object's key. */
export const afterKey = <T>(state: PathState<T>, key: string, caseless: boolean): PathState<T> => {
  if (state.keys.size === 0) return state.other;
  return state.keys.get(caseless ? caselessKey(key) : key) ?? state.other;
};

/** Where a walk stands after an array's index. */
export const afterIndex = <T>(state: PathState<T>, index: number): PathState<T> =>
  state.keys.size === 0 ? state.other : (state.keys.get(String(index)) ?? state.other);

/** The tag of the first value along a path that the table names: the value itself, or one that it stands in. */
export const tagAlong = <T>({ root, caseless }: PathTable<T>, path: readonly (string | number)[]): T | undefined => {
  let state = root;
  for (const part of path) {
    if (state.tag !== undefined) return state.tag;
    if (state.dead) return undefined;
    state = typeof part === "number" ? afterIndex(state, part) : afterKey(state, part, caseless);
  }
  return state.tag;
};

/** The table that names nothing. */
export const emptyPathTable: PathTable<never> = { root: new Draft<never>(undefined, true), caseless: false };
