/** Checks of what a connection says against the protocol it has: nothing stands in the file that would mean nothing. */

import type { ConnectionProtocol } from "../../envelope/call.ts";
import type { Finding, Path } from "../problem.ts";
import type { Parsed } from "../schema/index.ts";
import type { Check } from "./check.ts";

type ParsedConnection = Parsed["connections"][number];

const rpc: readonly ConnectionProtocol[] = ["grpc", "connect"];
const models: readonly ConnectionProtocol[] = ["openai", "anthropic"];

/** A part of a connection that only some protocols have. */
interface Part {
  readonly path: Path;
  readonly of: (connection: ParsedConnection) => unknown;
  readonly protocols: readonly ConnectionProtocol[];
}

const parts: readonly Part[] = [
  { path: ["descriptors"], of: ({ descriptors }) => descriptors, protocols: rpc },
  { path: ["route", "services"], of: ({ route }) => route.services, protocols: rpc },
  { path: ["route", "models"], of: ({ route }) => route.models, protocols: models },
  { path: ["operations"], of: ({ operations }) => operations, protocols: ["rest"] },
];

const eachConnection =
  (find: (connection: ParsedConnection, path: Path) => readonly Finding[]): Check["find"] =>
  ({ connections }) =>
    connections.flatMap((connection, index) => find(connection, ["connections", index]));

const partsOfItsProtocol: Check = {
  reads: ["connections"],
  find: eachConnection((connection, path) =>
    parts.flatMap((part): Finding[] => {
      if (part.of(connection) === undefined || part.protocols.includes(connection.protocol)) return [];
      const message = `${part.path.join(".")} has no meaning with the protocol ${connection.protocol}: it is for ${part.protocols.join(" and ")}`;
      return [{ path: [...path, ...part.path], atKey: true, message }];
    }),
  ),
};

/** What is wrong with the HTTP version that a connection asks for. */
const wrongHttp = ({ protocol, http }: ParsedConnection): string | undefined => {
  if (http === "1.1" && protocol === "grpc") return "gRPC is spoken over HTTP/2 only";
  if (http === "2" && !rpc.includes(protocol)) return `http: "2" towards an upstream of the protocol ${protocol}: not yet supported`;
  return undefined;
};

const httpOfItsProtocol: Check = {
  reads: ["connections"],
  find: eachConnection((connection, path) => {
    const message = wrongHttp(connection);
    return message === undefined ? [] : [{ path: [...path, "http"], message }];
  }),
};

/** The gateway's own service never reaches a connection. */
const ownService = "weir.v1.InferenceService";

const foreignServices: Check = {
  reads: ["connections"],
  find: eachConnection(({ route }, path) =>
    (route.services ?? []).flatMap((service, at) =>
      service === ownService ? [{ path: [...path, "route", "services", at], message: `${ownService} is the gateway's own` }] : [],
    ),
  ),
};

/** Checks of connections against their protocols. */
export const protocolChecks: readonly Check[] = [partsOfItsProtocol, httpOfItsProtocol, foreignServices];
