/** The "server under test" of connectconformance: its own reference server, with a gateway in front of it. */

import { type ChildProcess, spawn } from "node:child_process";
import { cloneDatabase, type ServerAddress } from "../../support/database.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";
import { readPort, readWantedServer, type WantedServer, writeStarted, writeUpstreamWanted } from "./compat.ts";
import { readMessage, sizeDelimited } from "./size-delimited.ts";

export interface ServerParts {
  /** The suite's reference server. */
  readonly reference: string;
  /** A FileDescriptorSet: given, every message is masked in both directions; undefined: calls pass unread. */
  readonly descriptors: string | undefined;
  readonly postgres: ServerAddress;
}

export interface StartedServer {
  /** What the suite reads of it: a ServerCompatResponse, size-delimited. */
  readonly response: Buffer;
  close(): Promise<void>;
}

/** gRPC by its number in the suite's enumeration of protocols. */
const grpc = 2;

interface Reference {
  readonly process: ChildProcess;
  readonly port: number;
}

/** Reference servers that run: none may outlive the run, however that ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill();
});

const startReference = async (program: string, wanted: WantedServer): Promise<Reference> => {
  const child = spawn(program, ["-port", "0"], { stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.stdin.end(sizeDelimited(writeUpstreamWanted(wanted)));
  return { process: child, port: readPort(await readMessage(child.stdout)) };
};

const configuration = ({ protocol, httpVersion }: WantedServer, port: number, descriptors: string | undefined): string => `
egress: { allow: [127.0.0.0/8] }
connections:
  - name: reference
    protocol: ${protocol === grpc ? "grpc" : "connect"}
    upstream: http://127.0.0.1:${port}
    http: "${httpVersion === 1 ? "1.1" : "2"}"
    route: { services: [connectrpc.conformance.v1.ConformanceService, connectrpc.conformance.v1.UnknownService] }
    anonymous: true
${descriptors === undefined ? "" : `    descriptors: { file: ${JSON.stringify(descriptors)} }`}
policies:
  - name: suite
    match: { identities: [anonymous], connections: [reference] }
    effect: allow
${descriptors === undefined ? "" : "    mask: { request: [credentials], response: [credentials] }"}
`;

/** Starts the server that a ServerCompatRequest asks for. */
export const startServer = async (request: Buffer, { reference, descriptors, postgres }: ServerParts): Promise<StartedServer> => {
  const wanted = readWantedServer(request);
  const { credentials, clientCertificate } = wanted;
  const upstream = await startReference(reference, wanted);
  const database = await cloneDatabase(postgres);
  const gateway: TestGateway = await startTestGateway({
    configuration: configuration(wanted, upstream.port, descriptors),
    env: {},
    database: database.address,
    ...(credentials === undefined ? {} : { tls: { ...credentials, clientCa: clientCertificate } }),
  });
  return {
    response: sizeDelimited(writeStarted(gateway.port, credentials?.cert)),
    close: async () => {
      await gateway.close();
      await database.drop();
      upstream.process.kill();
    },
  };
};
