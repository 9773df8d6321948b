/** The two messages by which connectconformance starts a server: `connectrpc/conformance/v1/server_compat.proto`, field by field. */

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** ServerCompatRequest: what kind of server is wanted. */
export interface WantedServer {
  /** Protocol: 1 Connect, 2 gRPC, 3 gRPC-Web. */
  readonly protocol: number;
  /** HTTPVersion: 1 HTTP/1.1, 2 HTTP/2. */
  readonly httpVersion: number;
  readonly tls: boolean;
  /** PEM of what clients show; undefined where they show nothing. */
  readonly clientCertificate: string | undefined;
  /** Bytes of a request message, 0 for no limit. */
  readonly receiveLimit: number;
  /** PEM, for the server to show where it speaks TLS. */
  readonly credentials: { readonly cert: string; readonly key: string } | undefined;
}

type Fields = ReadonlyMap<number, number | Uint8Array>;

/** Fields of varints and bytes by number: these messages have no others, and none repeats. */
const readFields = (bytes: Uint8Array): Fields => {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, number | Uint8Array>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    fields.set(field, wireType === WireType.Varint ? reader.uint32() : reader.bytes());
  }
  return fields;
};

const numberIn = (fields: Fields, field: number): number => {
  const value = fields.get(field);
  return typeof value === "number" ? value : 0;
};

const bytesIn = (fields: Fields, field: number): Uint8Array => {
  const value = fields.get(field);
  return value instanceof Uint8Array ? value : new Uint8Array();
};

const textIn = (fields: Fields, field: number): string => Buffer.from(bytesIn(fields, field)).toString("utf8");

export const readWantedServer = (bytes: Uint8Array): WantedServer => {
  const fields = readFields(bytes);
  const credentials = readFields(bytesIn(fields, 7));
  return {
    protocol: numberIn(fields, 1),
    httpVersion: numberIn(fields, 2),
    tls: numberIn(fields, 4) === 1,
    clientCertificate: textIn(fields, 5) || undefined,
    receiveLimit: numberIn(fields, 6),
    credentials: credentials.size === 0 ? undefined : { cert: textIn(credentials, 1), key: textIn(credentials, 2) },
  };
};

/** The same server in clear text, as the gateway's upstream. */
export const writeUpstreamWanted = ({ protocol, httpVersion, receiveLimit }: WantedServer): Uint8Array =>
  new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(protocol)
    .tag(2, WireType.Varint)
    .int32(httpVersion)
    .tag(6, WireType.Varint)
    .uint32(receiveLimit)
    .finish();

/** The port in a ServerCompatResponse. */
export const readPort = (bytes: Uint8Array): number => numberIn(readFields(bytes), 2);

/** A ServerCompatResponse: where the server listens, and what it shows. */
export const writeStarted = (port: number, cert: string | undefined): Uint8Array => {
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string("127.0.0.1").tag(2, WireType.Varint).uint32(port);
  if (cert !== undefined) writer.tag(3, WireType.LengthDelimited).string(cert);
  return writer.finish();
};
