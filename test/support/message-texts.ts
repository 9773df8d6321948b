/** The texts of a message as protobuf-es decodes it: what readers of the wire must show. */

import { isUtf8 } from "node:buffer";
import { type DescField, type Registry, ScalarType } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect, type ScalarValue } from "@bufbuild/protobuf/reflect";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";

/** What becomes of a text. */
export type Change = (text: string) => string;

type Path = readonly (string | number)[];

/** One text and its path. */
export type FoundText = readonly [path: string, text: string];

const transparent = /^google\.protobuf\.(?:Struct|Value|ListValue|\w+Value)\./;

const wrappers = new Set(["google.protobuf.StringValue", "google.protobuf.BytesValue"]);

/** Visits the texts of a message and writes changed ones into it. */
export class MessageTexts {
  readonly found: FoundText[] = [];
  readonly #registry: Registry;
  readonly #change: Change;
  readonly #wrappers: boolean;

  /** `wrappers`: whether their values are written even where they are empty, as JSON does. */
  constructor(registry: Registry, change: Change, wrappers: boolean) {
    this.#registry = registry;
    this.#change = change;
    this.#wrappers = wrappers;
  }

  visit(message: ReflectMessage, path: Path = []): void {
    if (message.desc.typeName === "google.protobuf.Any") {
      this.#any(message, path);
      return;
    }
    const wrapper = this.#wrappers && wrappers.has(message.desc.typeName);
    for (const field of message.fields.filter((member) => wrapper || message.isSet(member)))
      this.#field(message, field, this.#below(field, path));
  }

  #below(field: DescField, path: Path): Path {
    return transparent.test(`${field.parent.typeName}.`) ? path : [...path, field.jsonName];
  }

  #field(message: ReflectMessage, field: DescField, path: Path): void {
    switch (field.fieldKind) {
      case "scalar":
        if (field.parent.typeName === "google.protobuf.Value" && field.scalar === ScalarType.DOUBLE) this.#number(message, field, path);
        else message.set(field, this.#scalar(message.get(field), path));
        break;
      case "message": {
        // A Struct is handed out as a copy, for it is kept as plain JSON.
        const inner = message.get(field);
        this.visit(inner, path);
        message.set(field, inner);
        break;
      }
      case "list": {
        const list = message.get(field);
        for (const [index, item] of [...list].entries()) {
          if (isReflectMessage(item)) this.visit(item, [...path, index]);
          list.set(index, isReflectMessage(item) ? item : this.#scalar(item, [...path, index]));
        }
        break;
      }
      case "map": {
        const map = message.get(field);
        const entries = [...map];
        map.clear();
        for (const [key, value] of entries) {
          const below = [...path, key as string | number];
          const written = typeof key === "string" ? this.#text(key, below) : (key as number);
          if (isReflectMessage(value)) this.visit(value, below);
          map.set(written, isReflectMessage(value) ? value : this.#scalar(value as ScalarValue, below));
        }
        break;
      }
      case "enum":
        break;
    }
  }

  #number(message: ReflectMessage, field: DescField, path: Path): void {
    const text = String(message.get(field));
    const changed = this.#text(text, path);
    const string = field.parent.fields.find(({ name }) => name === "string_value");
    if (changed !== text && string !== undefined) message.set(string, changed);
  }

  #scalar<T>(value: T, path: Path): T | string | Uint8Array {
    if (typeof value === "string") return this.#text(value, path);
    if (!(value instanceof Uint8Array) || !isUtf8(value)) return value;
    return new Uint8Array(Buffer.from(this.#text(Buffer.from(value).toString(), path)));
  }

  #text(text: string, path: Path): string {
    this.found.push([path.map(String).join("/"), text]);
    return this.#change(text);
  }

  #any(message: ReflectMessage, path: Path): void {
    const any = message.message as Any;
    this.found.push([[...path, "@type"].map(String).join("/"), any.typeUrl]);
    const inner = anyUnpack(any, this.#registry);
    const descriptor = inner && this.#registry.getMessage(inner.$typeName);
    if (inner === undefined || descriptor === undefined) return;
    const reflected = reflect(descriptor, inner);
    this.visit(reflected, path);
    anyPack(descriptor, reflected.message, any);
  }
}
