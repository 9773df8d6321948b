/** The descriptors of the echo services of these tests, as a connection's configuration gives them. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectionMessages } from "../../adapters/rpc/messages/index.ts";
import type { Connection } from "../../src/envelope/call.ts";
import { echoFile } from "./connect-echo.ts";

export interface EchoMessages {
  readonly messages: ConnectionMessages;
  /** The connection with the descriptors given, and the fields of `join` running over streams. */
  describe(connection: Connection, join?: readonly string[]): Promise<Connection>;
  close(): Promise<void>;
}

export const loadEchoMessages = async (): Promise<EchoMessages> => {
  const folder = await mkdtemp(join(tmpdir(), "weir-echo-"));
  const path = join(folder, "echo.binpb");
  await writeFile(path, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [echoFile] })));
  const messages = new ConnectionMessages(() => Promise.reject(new Error("nobody is asked")));
  const all: Connection[] = [];
  return {
    messages,
    describe: async (connection, joined = []) => {
      const described: Connection = { ...connection, descriptors: { source: { kind: "file", path }, join: joined } };
      all.push(described);
      await messages.prepare(all);
      return described;
    },
    close: () => rm(folder, { recursive: true }),
  };
};
