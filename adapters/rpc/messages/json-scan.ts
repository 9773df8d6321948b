/** Finds every text of one message in protobuf's JSON form by its descriptor. */

import { type JsonCursor, type JsonVisitor, walkJson } from "../../../src/envelope/json/index.ts";
import { continueText } from "./continued-text.ts";
import type { Gathering } from "./gathering.ts";
import {
  findTypes,
  free,
  type Meaning,
  ofContainer,
  ofElement,
  ofEntry,
  ofKey,
  ofPacked,
  scalarField,
  typeMember,
} from "./json-meaning.ts";
import type { Lanes, OpenLane } from "./lanes.ts";
import type { FieldPlan, MessagePlan, PlanOf } from "./plan.ts";
import { below } from "./scan.ts";
import { utf8Text } from "./utf8.ts";

/** How a text is written: between the quotes of a string or a key; as a number, which becomes a string when it changes; as base64. */
export type JsonForm = "string" | "key" | "number" | "base64";

/** A text's place: `[start, end)` in UTF-16 code units, quotes not counted. */
export interface JsonPlace {
  readonly form: JsonForm;
  readonly start: number;
  readonly end: number;
  /** What is written there; undefined where it must be written anew even if the core changes nothing. */
  readonly text: string | undefined;
  /** The object that it stands in, by its offset. */
  readonly object: number;
}

/** What the scan of one message needs of its direction. */
export interface JsonScanContext {
  readonly planOf: PlanOf;
  readonly lanes: Lanes;
}

/** An open object or array. */
interface Level {
  readonly meaning: Meaning;
  /** Of an Any its own type; \`meaning\` is then the one inside. */
  readonly packed?: Meaning;
  readonly array: boolean;
  readonly object: number;
  /** Whether the path to it is the same in every message. */
  readonly steady: boolean;
}

/** Numbers where JSON writes them in quotes: those of 64 bits, and what is not finite. */
const quotedNumber = /^(?:-?\d{1,20}(?:\.0+)?|-?Infinity|NaN)$/;
/** Standard and URL alphabets, padded or not: parsers take both. */
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

class JsonScan implements JsonVisitor<never> {
  readonly places: JsonPlace[] = [];
  readonly #found: Gathering;
  readonly #context: JsonScanContext;
  readonly #levels: Level[] = [];
  readonly #root: Meaning;
  readonly #types: ReadonlyMap<number, string>;
  /** What the value behind the key at hand is. */
  #member: Meaning = free;

  constructor(text: string, plan: MessagePlan, found: Gathering, context: JsonScanContext) {
    this.#types = findTypes(text);
    this.#found = found;
    this.#context = context;
    this.#root = { kind: "message", plan };
  }

  key(at: JsonCursor<never>): void {
    const { meaning = free, packed } = this.#levels.at(-1) ?? {};
    const key = at.string() ?? "";
    const known = ofKey(key === typeMember ? (packed ?? meaning) : meaning, key);
    this.#member = known ?? ofEntry(meaning);
    if (known === undefined && !numericKey(meaning)) this.#show(at, { form: "key", text: key, keyed: false });
  }

  value(at: JsonCursor<never>): void {
    if (at.kind !== "string") this.#found.others += 1;
    if (at.kind === "null") return;
    const field = scalarField(this.#meaning());
    if (at.kind === "string") this.#string(at, field, at.string() ?? "");
    else if (at.kind === "number") this.#number(at, field);
  }

  enter(at: JsonCursor<never>): void {
    const meaning = this.#meaning();
    const steady = (this.#levels.at(-1)?.steady ?? true) && meaning.kind !== "free" && meaning.kind !== "map";
    const array = at.kind === "array";
    if (meaning.kind === "value" && meaning.field.shape === "tensor" && meaning.field.joined && this.#context.lanes.streaming) {
      // No server streams tensors as JSON; what joins them is written for the wire format alone.
      this.#found.blind();
    }
    const inside = ofContainer(meaning, array);
    if (inside.kind === "message" && inside.plan.form === "any") {
      const packed = ofPacked(this.#types.get(at.start) ?? "", this.#context.planOf);
      this.#levels.push({ meaning: packed, packed: inside, array, object: at.start, steady: false });
    } else this.#levels.push({ meaning: inside, array, object: at.start, steady });
  }

  leave(): void {
    this.#levels.pop();
  }

  /** What the value at hand is. */
  #meaning(): Meaning {
    const level = this.#levels.at(-1);
    if (level === undefined) return this.#root;
    return level.array ? ofElement(level.meaning) : this.#member;
  }

  #string(at: JsonCursor<never>, field: FieldPlan | undefined, text: string): void {
    switch (field?.shape) {
      case "number":
        if (quotedNumber.test(text) || field.words?.has(text) === true) this.#count(field, Number(text));
        else this.#show(at, { form: "string", text });
        break;
      case "bytes":
      case "element":
      case "tf-strings":
      case "tf-content":
        this.#bytes(at, field, text);
        break;
      case "raw-tensor":
        this.#found.blind();
        break;
      default:
        if (field !== undefined) this.#role(field, text);
        this.#show(at, { form: "string", text, open: field?.joined === true ? this.#joined(at) : undefined });
    }
  }

  #number(at: JsonCursor<never>, field: FieldPlan | undefined): void {
    if (field?.shape === "number") this.#count(field, Number(at.raw()));
    else this.#show(at, { form: "number", text: at.raw() });
  }

  #count({ role }: FieldPlan, value: number): void {
    this.#found.others += 1;
    if (role === "token-ids") this.#found.blind();
    else if (role !== undefined && Number.isFinite(value)) this.#found.number(role, value);
  }

  #role({ role }: FieldPlan, text: string): void {
    if (role === "model" || (role === "root-model" && this.#levels.length === 1)) this.#found.model(text);
    if (role === "failure" && text !== "") this.#found.failed = true;
  }

  #bytes(at: JsonCursor<never>, field: FieldPlan, written: string): void {
    const tensor = field.shape !== "bytes";
    if (at.escaped || !base64.test(written)) {
      this.#show(at, { form: "string", text: written, tensor });
      return;
    }
    const bytes = Buffer.from(written, "base64");
    const open = field.joined ? this.#joined(at) : undefined;
    const { text, moved } = open === undefined ? { text: utf8Text(bytes), moved: false } : continueText(open, bytes, false);
    if (text === undefined) this.#found.blur();
    // A serialised message would break if a text in it changed and its lengths did not.
    else if (field.shape === "tf-strings" && bytes[0] === serialisedMessage) this.#found.blind();
    else this.#show(at, { form: "base64", text, open, moved, tensor });
  }

  /** The lane of a joined field; undefined where its path may differ from message to message. */
  #joined(at: JsonCursor<never>): OpenLane | undefined {
    const { lanes } = this.#context;
    if (!lanes.streaming || this.#levels.at(-1)?.steady !== true) return undefined;
    const path = at.path();
    return lanes.joined(laneName(path), { group: "", path, tensor: undefined });
  }

  #show(at: JsonCursor<never>, shown: Shown): void {
    const { form, text, open, keyed = true, moved = false, tensor = false } = shown;
    const quotes = form === "number" ? 0 : 1;
    this.places.push({
      form,
      start: at.start + quotes,
      end: at.end - quotes,
      text: moved ? undefined : text,
      object: this.#levels.at(-1)?.object ?? 0,
    });
    const path = at.path();
    const named = open ?? this.#context.lanes.own(laneName(path) + (form === "key" ? "#key" : ""));
    this.#found.add({ text, path, named, keyed, tensor });
  }
}

/** Whether the keys of a map are typed numbers. */
const numericKey = (meaning: Meaning): boolean => meaning.kind === "map" && meaning.field.message?.near[1]?.shape === "number";

/** A text as it is shown. */
interface Shown {
  readonly form: JsonForm;
  readonly text: string;
  readonly open?: OpenLane | undefined;
  readonly keyed?: boolean;
  readonly moved?: boolean;
  readonly tensor?: boolean;
}

/** First byte of a serialised tf.Example. */
const serialisedMessage = 0x0a;

const laneName = (path: readonly (string | number)[]): string => path.reduce<string>(below, "");

/** The places of a JSON message's texts, paired with what is added to `found`. Throws JsonError for what is not strict JSON. */
export const scanJson = (text: string, plan: MessagePlan, found: Gathering, context: JsonScanContext): readonly JsonPlace[] => {
  const scan = new JsonScan(text, plan, found, context);
  walkJson(text, scan);
  return scan.places;
};
