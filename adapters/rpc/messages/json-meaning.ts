/** What the values of a JSON text mean, by the descriptor of the message that it spells (protobuf.dev, "ProtoJSON format"). */

import { type JsonCursor, type JsonVisitor, walkJson } from "../../../src/envelope/json/index.ts";
import { type FieldPlan, fieldOf, type MessagePlan, type PlanOf } from "./plan.ts";

/**
 * What a value is: `free` is JSON without a descriptor; `value` one value of a field; `list` and `map` all values of one.
 */
export type Meaning =
  | { readonly kind: "free" }
  | { readonly kind: "message"; readonly plan: MessagePlan }
  | { readonly kind: "value" | "list" | "map"; readonly field: FieldPlan };

export const free: Meaning = { kind: "free" };

/** What stands under a field's name. */
export const ofField = (field: FieldPlan): Meaning => {
  if (field.shape === "map") return { kind: "map", field };
  return { kind: field.repeated ? "list" : "value", field };
};

/** What a container's contents are read by. */
export const ofContainer = (meaning: Meaning, array: boolean): Meaning => {
  switch (meaning.kind) {
    case "free":
      return free;
    case "list":
      return array ? meaning : free;
    case "map":
      return array ? free : meaning;
    case "value":
      return array || meaning.field.message === undefined ? free : ofMessage(meaning.field.message);
    case "message":
      return array ? free : ofMessage(meaning.plan);
  }
};

/** Structs and wrappers are JSON's own values. */
const ofMessage = (plan: MessagePlan): Meaning => (plan.form === "json" ? free : { kind: "message", plan });

/** What an element of an array is. */
export const ofElement = (meaning: Meaning): Meaning => (meaning.kind === "list" ? { kind: "value", field: meaning.field } : free);

/** What stands under a key; undefined where the key is nobody's word and so a text itself. */
export const ofKey = (meaning: Meaning, key: string): Meaning | undefined => {
  if (meaning.kind !== "message") return undefined;
  const field = meaning.plan.byName.get(key);
  return field && ofField(field);
};

/** What stands under a map's key, or under a key without a descriptor. */
export const ofEntry = (meaning: Meaning): Meaning => {
  const field = meaning.kind === "map" && meaning.field.message !== undefined ? fieldOf(meaning.field.message, 2) : undefined;
  return field === undefined ? free : { kind: "value", field };
};

/** The field that a scalar is the value of: of a wrapper its own one. */
export const scalarField = (meaning: Meaning): FieldPlan | undefined => {
  const plan = meaning.kind === "message" ? meaning.plan : meaning.kind === "value" ? meaning.field.message : undefined;
  if (plan !== undefined)
    return plan.typeName.endsWith("Value") && plan.form === "json" && plan.near.length === 2 ? plan.near[1] : undefined;
  return meaning.kind === "value" ? meaning.field : undefined;
};

/** What the members of an Any are, once its `@type` is known. Types with a JSON form of their own stand under `value`. */
export const ofPacked = (url: string, planOf: PlanOf): Meaning => {
  const plan = planOf(url.slice(url.lastIndexOf("/") + 1));
  return plan === undefined || plan.form === "json" || plan.form === "wkt-text" ? free : { kind: "message", plan };
};

/** The member of an Any that names its type; encoders write it first, or last. */
export const typeMember = "@type";

/** Finds the types that objects name. */
class TypeFinder implements JsonVisitor<never> {
  readonly types = new Map<number, string>();
  readonly #starts: number[] = [];
  #named = false;

  enter(at: JsonCursor<never>): void {
    this.#starts.push(at.start);
    this.#named = false;
  }

  key(at: JsonCursor<never>): void {
    this.#named = at.string() === typeMember;
  }

  value(at: JsonCursor<never>): void {
    const start = this.#starts.at(-1);
    const url = at.string();
    if (this.#named && start !== undefined && url !== undefined) this.types.set(start, url);
    this.#named = false;
  }

  leave(): void {
    this.#starts.pop();
    this.#named = false;
  }
}

const noTypes: ReadonlyMap<number, string> = new Map();

/** The types that objects name, by the offsets of the objects. Throws JsonError. */
export const findTypes = (text: string): ReadonlyMap<number, string> => {
  if (!text.includes(`"${typeMember}"`)) return noTypes;
  const finder = new TypeFinder();
  walkJson(text, finder);
  return finder.types;
};
