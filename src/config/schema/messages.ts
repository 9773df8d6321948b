/** The part of the schema that says what RPC messages look like: descriptors. */

import { z } from "zod";
import { list } from "./leaf.ts";

const builtins = ["triton", "oip", "mlserver", "tfserving"] as const;
/** Names nest, but not this deep: a longer one is no name. */
const maxNameLength = 256;

/** Protocol Buffers, language specification, "Identifiers": a fully qualified name of at least so many parts, without a leading dot. */
const fullName = (parts: number, wanted: string) =>
  z
    .string()
    .max(maxNameLength, `must be at most ${maxNameLength} characters`)
    .regex(new RegExp(`^[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*){${parts - 1},}$`), `must be the full name of ${wanted}`);

/** An RPC service. */
export const service = fullName(1, "a service, such as inference.GRPCInferenceService");

const path = z.string().min(1, "must not be empty");

const sources = ["builtin", "file", "proto", "reflection"] as const;

const described = z
  .strictObject({
    builtin: z
      .enum(builtins)
      .optional()
      .describe("Descriptors that Weir has: Triton, Open Inference Protocol, MLServer, TensorFlow Serving."),
    file: path.optional().describe("A FileDescriptorSet with its imports (`protoc --include_imports -o`), relative to this file."),
    proto: list(path).optional().describe(".proto files, relative to this file."),
    roots: list(path)
      .optional()
      .describe("Folders in which .proto files look for what they import, relative to this file. Absent: this file's folder, and theirs."),
    reflection: z
      .literal(true)
      .optional()
      .describe("The upstream's own reflection service, asked at start and when the connection changes."),
    join: list(fullName(2, "a field, such as package.Message.field"))
      .default([])
      .describe("Fields whose values over the messages of one stream spell one text, as package.Message.field."),
  })
  .refine((value) => sources.filter((source) => value[source] !== undefined).length === 1, {
    error: `must have exactly one of ${sources.join(", ")}`,
    when: ({ issues }) => issues.length === 0,
  })
  .refine(({ roots, proto }) => roots === undefined || proto !== undefined, {
    error: "must have no roots without proto",
    when: ({ issues }) => issues.length === 0,
  });

/** Where a connection's descriptors come from. */
export const descriptors = z
  .union([z.literal("reflection").transform(() => ({ reflection: true as const, join: [] })), described], {
    error: "must be the word reflection, or a map such as { builtin: triton }",
  })
  .describe("What the messages of grpc and connect look like; without it nothing in them can be read, masked or limited.");
