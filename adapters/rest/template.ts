/** Templates of paths: how dialects and connections name operations by them. */

/** One segment of a template: text around at most one placeholder. */
type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "any"; readonly model: boolean; readonly before: string; readonly after: string }
  /** Any number of segments, none included; stands last. */
  | { readonly kind: "rest" };

export interface Template {
  readonly segments: readonly Segment[];
}

/** What a path that fits a template tells. */
export interface Fit {
  /** Unescaped. */
  readonly model: string | undefined;
}

const placeholder = /^(.*?)(\{[A-Za-z_][A-Za-z0-9_]*\}|\*)(.*)$/;

const compileSegment = (text: string): Segment => {
  if (text === "**") return { kind: "rest" };
  const found = placeholder.exec(text);
  if (found === null) return { kind: "literal", text };
  const [, before = "", name = "", after = ""] = found;
  return { kind: "any", model: name === "{model}", before, after };
};

/** Compiles a template such as `/v1/models/{model}:predict`: `{model}` stands for the model's name, `*` or another name for any text within a segment, a last `**` for any number of segments. */
export const compileTemplate = (template: string): Template => ({ segments: template.split("/").slice(1).map(compileSegment) });

const unescaped = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/** What stands for a segment's placeholder; undefined where the segment does not fit. It is never empty. */
const between = (segment: string, { before, after }: Extract<Segment, { kind: "any" }>): string | undefined => {
  if (segment.length <= before.length + after.length) return undefined;
  return segment.startsWith(before) && segment.endsWith(after) ? segment.slice(before.length, segment.length - after.length) : undefined;
};

/** Fits the segments of a canonical path to a template; undefined where they do not. */
export const fitTemplate = ({ segments }: Template, path: readonly string[]): Fit | undefined => {
  let model: string | undefined;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index];
    if (segment?.kind === "rest") return { model };
    const text = path[index];
    if (segment === undefined || text === undefined) return undefined;
    if (segment.kind === "literal") {
      if (segment.text !== text) return undefined;
      continue;
    }
    const found = between(text, segment);
    const name = found === undefined ? undefined : unescaped(found);
    if (name === undefined) return undefined;
    if (segment.model) model = name;
  }
  return path.length === segments.length ? { model } : undefined;
};

/** The segments of a canonical path. */
export const segmentsOf = (path: string): readonly string[] => path.split("/").slice(1);
