/** The descriptors of every connection that gives some. */

import { readFile } from "node:fs/promises";
import { type DescMethod, fromBinary, type Registry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Connection, Descriptors } from "../../../src/envelope/call.ts";
import type { Author } from "../../../src/envelope/text.ts";
import { upstreamDescriptors } from "../../../src/gen/upstream/descriptors.ts";
import { registryOf } from "./descriptor-set.ts";
import { JsonReader } from "./json-reader.ts";
import type { MessageText, MethodKind, MethodMessages } from "./message.ts";
import type { FieldPlan, MessagePlan } from "./plan.ts";
import { PlanCompiler } from "./plan-compiler.ts";
import { parseProtoFiles } from "./proto-files.ts";
import { ProtoReader } from "./proto-reader.ts";
import type { Direction } from "./reading.ts";
import { reflect } from "./reflection.ts";
import { streamedTensors } from "./tensor-places.ts";

/**
 * Calls a streaming method of a connection's upstream once: sends these messages, half-closes, and gives the messages of the answer, all of them
 * without their frames' prefixes. The address is checked as any dial's is. Throws where the call did not end with status `ok`.
 */
export type AskUpstream = (connection: Connection, path: string, requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>;

/** A connection's descriptors cannot be had. */
export class DescriptorsUnavailable extends Error {
  override readonly name = "DescriptorsUnavailable";
  /** The connection's name. */
  readonly connection: string;

  constructor(connection: string, cause: unknown) {
    super(`the descriptors cannot be had: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.connection = connection;
  }
}

type Methods = ReadonlyMap<string, MethodMessages>;

/** By connection and revision. */
type LoadedMethods = ReadonlyMap<string, Methods>;

const kinds: Readonly<Record<DescMethod["methodKind"], MethodKind>> = {
  unary: "unary",
  server_streaming: "server-stream",
  client_streaming: "client-stream",
  bidi_streaming: "bidi",
};

const setOf = (bytes: Uint8Array): readonly FileDescriptorProto[] => fromBinary(FileDescriptorSetSchema, bytes).file;

const joinsOf = ({ source, join }: Descriptors): ReadonlySet<string> =>
  new Set(source.kind === "builtin" ? [...join, streamedTensors] : join);

/** A field that nobody has, or that is no text, would silently not be joined. */
const checkJoins = (registry: Registry, joins: readonly string[]): void => {
  for (const name of joins) {
    const dot = name.lastIndexOf(".");
    const field = registry.getMessage(name.slice(0, dot))?.fields.find((found) => found.name === name.slice(dot + 1));
    if (field === undefined) throw new Error(`descriptors.join names ${name}, which no descriptor has`);
  }
};

const fieldsOf = (plan: MessagePlan | undefined): readonly FieldPlan[] => (plan === undefined ? [] : [...plan.byName.values()]);

/** A model's name stands at a message's root, or in a part of it such as TensorFlow Serving's `ModelSpec`. */
const namesModel = (plan: MessagePlan): boolean =>
  fieldsOf(plan).some(
    ({ role, message }) => role === "root-model" || role === "model" || fieldsOf(message).some((inner) => inner.role === "model"),
  );

const textOf = (direction: Direction): MessageText => ({
  namesModel: namesModel(direction.plan),
  open: (encoding) => {
    switch (encoding) {
      case "proto":
        return new ProtoReader(direction);
      case "json":
        return new JsonReader(direction);
    }
  },
});

/** The methods of every service, by `package.Service/Method`. */
const methodsOf = (registry: Registry, joined: ReadonlySet<string>): Methods => {
  const compiler = new PlanCompiler(registry, joined);
  const direction = (descriptor: DescMethod["input"], streaming: boolean, author: Author): MessageText =>
    textOf({ descriptor, registry, plan: compiler.plan(descriptor), planOf: compiler.planOf, streaming, author });
  const methods = new Map<string, MethodMessages>();
  for (const type of registry) {
    if (type.kind !== "service") continue;
    for (const method of type.methods) {
      const kind = kinds[method.methodKind];
      methods.set(`${type.typeName}/${method.name}`, {
        kind,
        request: direction(method.input, kind === "client-stream" || kind === "bidi", "user"),
        response: direction(method.output, kind === "server-stream" || kind === "bidi", "assistant"),
      });
    }
  }
  return methods;
};

/** What can be read, by connection. */
export interface DescribedMethods {
  /** The messages of a method (`package.Service`, `Method`); undefined where the connection's descriptors do not name it. */
  method(connection: Connection, service: string, method: string): MethodMessages | undefined;
}

/** Loads descriptors and keeps them, by connection and revision. */
export class ConnectionMessages implements DescribedMethods {
  readonly #ask: AskUpstream;
  #methods: LoadedMethods = new Map();
  /** What the reload before had: calls that began under it go on. */
  #before: LoadedMethods = new Map();

  /** `ask` serves `descriptors: reflection`. */
  constructor(ask: AskUpstream) {
    this.#ask = ask;
  }

  /**
   * Loads what these connections need, at start and at each reload; what has not changed is kept. Rejects with
   * {@link DescriptorsUnavailable}, or with what `check` throws at what was loaded, and then keeps what it had before.
   */
  async prepare(connections: readonly Connection[], check?: (loaded: DescribedMethods) => void): Promise<void> {
    const prepared = await this.#load(connections, check);
    this.#before = this.#methods;
    this.#methods = prepared;
  }

  /** Rejects as {@link prepare} would, and keeps what it has either way. */
  async rehearse(connections: readonly Connection[], check: (loaded: DescribedMethods) => void): Promise<void> {
    await this.#load(connections, check);
  }

  method(connection: Connection, service: string, method: string): MethodMessages | undefined {
    const key = keyOf(connection);
    return (this.#methods.get(key) ?? this.#before.get(key))?.get(`${service}/${method}`);
  }

  async #load(connections: readonly Connection[], check: (loaded: DescribedMethods) => void = () => {}): Promise<LoadedMethods> {
    const loaded = new Map<string, Methods>();
    for (const connection of connections) {
      const { descriptors } = connection;
      if (descriptors === undefined) continue;
      const key = keyOf(connection);
      loaded.set(key, this.#methods.get(key) ?? (await this.#loadOne(connection, descriptors)));
    }
    check({ method: (connection, service, method) => loaded.get(keyOf(connection))?.get(`${service}/${method}`) });
    return loaded;
  }

  async #loadOne(connection: Connection, descriptors: Descriptors): Promise<Methods> {
    try {
      const registry = registryOf(await this.#files(connection, descriptors));
      checkJoins(registry, descriptors.join);
      return methodsOf(registry, joinsOf(descriptors));
    } catch (thrown) {
      throw new DescriptorsUnavailable(connection.name, thrown);
    }
  }

  async #files(connection: Connection, { source }: Descriptors): Promise<readonly FileDescriptorProto[]> {
    switch (source.kind) {
      case "builtin":
        return setOf(Buffer.from(upstreamDescriptors[source.name], "base64"));
      case "file":
        return setOf(await readFile(source.path));
      case "proto":
        return parseProtoFiles(source.paths, source.roots);
      case "reflection":
        return reflect((path, requests) => this.#ask(connection, path, requests));
    }
  }
}

const keyOf = ({ name, revision }: Connection): string => `${name}\n${revision}`;
