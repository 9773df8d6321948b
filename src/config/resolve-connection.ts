/** From a parsed connection to the one that the house is built from. */

import { dirname } from "node:path";
import type { DescriptorSource, Descriptors, PathOperation } from "../envelope/call.ts";
import type { ConnectionConfig } from "./config.ts";
import { sealedRevisionOf } from "./revision.ts";
import type { Parsed } from "./schema/index.ts";

type ParsedConnection = Parsed["connections"][number];
type ParsedDescriptors = NonNullable<ParsedConnection["descriptors"]>;

/** What the connection itself does not say. */
export interface ConnectionOrigin {
  /** Absolute path of a path that the file names. */
  readonly absolute: (path: string) => string;
  /** Base64; revisions are keyed by it, because credentials are part of them. */
  readonly key: string;
  /** What tells two states of a file apart; the same for every file that cannot be read. */
  readonly digest: (path: string) => string;
}

/** A gRPC server speaks HTTP/2 and nothing else (grpc/grpc `PROTOCOL-HTTP2.md`). */
const defaultHttp = ({ protocol }: ParsedConnection): "1.1" | "2" => (protocol === "grpc" ? "2" : "1.1");

const protoSource = (
  proto: readonly string[],
  roots: readonly string[] | undefined,
  absolute: ConnectionOrigin["absolute"],
): DescriptorSource => {
  const paths = proto.map(absolute);
  const folders = roots?.map(absolute) ?? [absolute("."), ...paths.map((path) => dirname(path))];
  return { kind: "proto", paths, roots: [...new Set(folders)] };
};

const sourceOf = (descriptors: ParsedDescriptors, absolute: ConnectionOrigin["absolute"]): DescriptorSource => {
  if ("builtin" in descriptors && descriptors.builtin !== undefined) return { kind: "builtin", name: descriptors.builtin };
  if ("file" in descriptors && descriptors.file !== undefined) return { kind: "file", path: absolute(descriptors.file) };
  if ("proto" in descriptors && descriptors.proto !== undefined) return protoSource(descriptors.proto, descriptors.roots, absolute);
  return { kind: "reflection" };
};

const descriptorsOf = (descriptors: ParsedDescriptors, absolute: ConnectionOrigin["absolute"]): Descriptors => ({
  source: sourceOf(descriptors, absolute),
  join: descriptors.join,
});

const operationOf = ({
  name,
  method,
  path,
  class: operationClass,
}: NonNullable<ParsedConnection["operations"]>[number]): PathOperation => ({
  method,
  template: path,
  operation: { name, class: operationClass },
});

/** A connection whose descriptors have changed in their files is another one; what .proto files import is not looked at. */
const filesOf = ({ source }: Descriptors): readonly string[] => {
  switch (source.kind) {
    case "file":
      return [source.path];
    case "proto":
      return source.paths;
    case "builtin":
    case "reflection":
      return [];
  }
};

/** Resolves a sound connection. */
export const connectionOf = (parsed: ParsedConnection, { absolute, key, digest }: ConnectionOrigin): ConnectionConfig => {
  const { name, protocol, upstream, http = defaultHttp(parsed), credential, timeouts, anonymous } = parsed;
  const { models, hosts = [], paths = [], services = [] } = parsed.route;
  const descriptors = parsed.descriptors && descriptorsOf(parsed.descriptors, absolute);
  const operations = (parsed.operations ?? []).map(operationOf);
  const plain = { name, protocol, upstream, http, timeouts, descriptors, operations, route: { models, hosts, paths, services }, anonymous };
  const shown = credential === undefined ? undefined : { header: credential.header, value: credential.value.reveal() };
  const files = descriptors === undefined ? [] : filesOf(descriptors).map(digest);
  return { ...plain, credential, revision: sealedRevisionOf({ ...plain, credential: shown, files }, key) };
};
