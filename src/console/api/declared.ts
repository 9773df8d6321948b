/** What the services of connections, policies and issuers have in common: who may, what is told, and how a refusal is worded. */

import { create, type JsonObject } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  DeclarationRefused,
  type Declarations,
  type PlainMap,
  type RefusalReason,
  type ShownObject,
  type Wish,
} from "../../declared/index.ts";
import type { ConnectionCredential } from "../../gen/weir/v1/connection_pb.ts";
import { type Declaration, DeclarationSchema, ManagedBy } from "../../gen/weir/v1/declared_pb.ts";
import type { Authorizing } from "./person.ts";

export interface DeclaredRoutesOptions extends Authorizing {
  readonly declarations: Declarations;
}

/** Who may look at the configuration; it holds no secret. */
export const readers = ["admin", "reviewer", "auditor"] as const;

const codes: Readonly<Record<RefusalReason, Code>> = {
  unusable: Code.InvalidArgument,
  exists: Code.AlreadyExists,
  missing: Code.NotFound,
  stale: Code.Aborted,
  "of-file": Code.FailedPrecondition,
  "in-use": Code.FailedPrecondition,
};

/** Does what may be refused, and words the refusal for the caller. */
export const orRefuse = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (thrown) {
    throw thrown instanceof DeclarationRefused ? new ConnectError(thrown.message, codes[thrown.reason]) : thrown;
  }
};

export const declarationOf = ({ declared, revision }: ShownObject): Declaration =>
  create(DeclarationSchema, {
    managedBy: declared === undefined ? ManagedBy.FILE : ManagedBy.API,
    revision,
    ...(declared === undefined ? {} : { updatedAt: timestampFromDate(declared.at), updatedBy: declared.by }),
  });

/** Plain values came out of JSON or YAML, so that JSON can say them. */
export const jsonOf = (document: PlainMap): JsonObject => JSON.parse(JSON.stringify(document)) as JsonObject;

/** A credential to seal; header names are case-insensitive (RFC 9110 section 5.1). */
export const credentialOf = (credential: ConnectionCredential | undefined): Wish["credential"] =>
  credential && { header: credential.header.toLowerCase(), value: credential.value };
