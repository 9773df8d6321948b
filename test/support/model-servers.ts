/** Messages of the model servers whose protocols are built in, written by protobuf-es. */

import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectionMessages, type MethodMessages } from "../../adapters/rpc/messages/index.ts";
import type { Connection, DescriptorSource, Descriptors } from "../../src/envelope/call.ts";
import { upstreamDescriptors } from "../../src/gen/upstream/descriptors.ts";

export type BuiltIn = Extract<DescriptorSource, { kind: "builtin" }>["name"];

/** A connection with these descriptors, as far as messages are concerned. */
export const connectionWith = (descriptors: Descriptors): Connection => ({
  name: "models",
  revision: "1",
  protocol: "grpc",
  upstream: "http://127.0.0.1:1",
  http: "2",
  credential: undefined,
  timeouts: { connect: 1_000, firstByte: 1_000, idle: 1_000, total: 1_000 },
  descriptors,
  anonymous: false,
});

const protos = new URL("./protos/", import.meta.url).pathname;

/** A `.proto` file of somebody's own, with imports. */
export const chatProto = { path: `${protos}chat.proto`, roots: [protos] } as const;

/** No server to ask. */
export const nobody = (): Promise<never> => Promise.reject(new Error("nobody is there"));

/** One built-in protocol: its methods as the gateway reads them, and its messages as protobuf-es does. */
export class ModelServer {
  readonly #registry: Registry;
  readonly #connection: Connection;
  readonly #messages: ConnectionMessages;

  private constructor(name: BuiltIn, messages: ConnectionMessages, connection: Connection) {
    this.#registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(upstreamDescriptors[name], "base64")));
    this.#messages = messages;
    this.#connection = connection;
  }

  static async of(name: BuiltIn): Promise<ModelServer> {
    const connection = connectionWith({ source: { kind: "builtin", name }, join: [] });
    const messages = new ConnectionMessages(nobody);
    await messages.prepare([connection]);
    return new ModelServer(name, messages, connection);
  }

  method(service: string, method: string): MethodMessages {
    const found = this.#messages.method(this.#connection, service, method);
    if (found === undefined) throw new Error(`no method ${service}/${method}`);
    return found;
  }

  /** A message, from its JSON form. */
  write(type: string, message: JsonObject): Buffer {
    const descriptor = this.#type(type);
    return Buffer.from(toBinary(descriptor, fromJson(descriptor, message, { registry: this.#registry })));
  }

  /** A message's JSON form. */
  read(type: string, bytes: Uint8Array): JsonObject {
    const descriptor = this.#type(type);
    return toJson(descriptor, fromBinary(descriptor, bytes), { registry: this.#registry }) as JsonObject;
  }

  #type(type: string): DescMessage {
    const found = this.#registry.getMessage(type);
    if (found === undefined) throw new Error(`no message ${type}`);
    return found;
  }
}

export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString("base64");

/** The raw contents of a BYTES tensor: each element behind its length in four bytes, little-endian. */
export const rawTensor = (elements: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    elements.flatMap((element) => {
      const bytes = Buffer.from(element);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
