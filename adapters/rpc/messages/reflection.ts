/** A server's own descriptors, asked of its reflection service (github.com/grpc/grpc doc/server-reflection.md), v1 or the older v1alpha. */

import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { varintSize, writeVarint } from "./splice.ts";
import { FieldWalk, type FlatField, Unreadable } from "./wire.ts";

/** Sends these messages to a streaming method of the server and gives those of its answer; throws where the call fails. */
export type AskReflection = (path: string, requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>;

const versions = ["grpc.reflection.v1", "grpc.reflection.v1alpha"] as const;

/** Fields of ServerReflectionRequest. */
const ask = { fileByFilename: 3, fileContainingSymbol: 4, listServices: 7 } as const;
/** Fields of ServerReflectionResponse. */
const answer = { files: 4, services: 6 } as const;

/** What a server may bring us to keep: far more than any has. */
const mostFiles = 2_000;
const mostBytes = 32 * 1024 * 1024;

/** A message of one string. */
const request = (field: number, text: string): Buffer => {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.alloc(1 + varintSize(size) + size);
  bytes[0] = field * 8 + 2;
  bytes.write(text, writeVarint(bytes, 1, size));
  return bytes;
};

const fieldsOf = (bytes: Buffer, number: number, { start, end }: Pick<FlatField, "start" | "end">): readonly FlatField[] => {
  const found: FlatField[] = [];
  const field = new FieldWalk(bytes, start, end);
  while (field.next()) if (field.number === number) found.push(field.copy());
  return found;
};

/** The bytes of every `inner` field in every `outer` field of the answers. */
const inside = (answers: readonly Uint8Array[], outer: number, inner: number): readonly Buffer[] =>
  answers.flatMap((message) => {
    const bytes = Buffer.from(message);
    return fieldsOf(bytes, outer, { start: 0, end: bytes.length }).flatMap((found) =>
      fieldsOf(bytes, inner, found).map(({ start, end }) => bytes.subarray(start, end)),
    );
  });

const stringsIn = (bytes: Buffer, field: number): readonly string[] =>
  fieldsOf(bytes, field, { start: 0, end: bytes.length }).map(({ start, end }) => bytes.toString("utf8", start, end));

/** Files by name, as they are learned. */
class Learned {
  readonly files = new Map<string, FileDescriptorProto>();
  #bytes = 0;

  add(serialised: readonly Buffer[]): void {
    for (const bytes of serialised) {
      this.#bytes += bytes.length;
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      this.files.set(file.name, file);
    }
    if (this.#bytes > mostBytes || this.files.size > mostFiles) throw new Error("the server's descriptors are too large");
  }

  missing(): readonly string[] {
    const names = [...this.files.values()].flatMap(({ dependency }) => dependency);
    return [...new Set(names)].filter((name) => !this.files.has(name) && !name.startsWith("google/protobuf/"));
  }
}

const learn = async (
  call: (requests: readonly Uint8Array[]) => Promise<readonly Uint8Array[]>,
): Promise<readonly FileDescriptorProto[]> => {
  const listed = await call([request(ask.listServices, "*")]);
  const services = inside(listed, answer.services, 1).flatMap((service) => stringsIn(service, 1));
  const learned = new Learned();
  const names = services.filter((name) => !name.startsWith("grpc.reflection."));
  if (names.length > 0) learned.add(inside(await call(names.map((name) => request(ask.fileContainingSymbol, name))), answer.files, 1));
  for (let missing = learned.missing(); missing.length > 0; missing = learned.missing()) {
    const before = learned.files.size;
    learned.add(inside(await call(missing.map((name) => request(ask.fileByFilename, name))), answer.files, 1));
    if (learned.files.size === before) throw new Error(`the server does not know ${missing.join(", ")}, which its descriptors import`);
  }
  return [...learned.files.values()];
};

/** Asks for the descriptors of every service. Rejects with an Error in plain words. */
export const reflect = async (askServer: AskReflection): Promise<readonly FileDescriptorProto[]> => {
  let failure: unknown;
  for (const version of versions) {
    try {
      return await learn((requests) => askServer(`/${version}.ServerReflection/ServerReflectionInfo`, requests));
    } catch (thrown) {
      failure ??= thrown;
    }
  }
  const reason =
    failure instanceof Unreadable ? "its answer cannot be read" : failure instanceof Error ? failure.message : "it does not answer";
  throw new Error(`reflection: ${reason}`, { cause: failure });
};
