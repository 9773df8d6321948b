/** ConfigurationService: connections, policies and issuers together. */

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import type { Change, CredentialChange, ObjectKind, ShownObject, Wish } from "../../declared/index.ts";
import { present } from "../../envelope/present.ts";
import {
  ChangeAction,
  ConfigurationService,
  type DeclaredObject,
  type Issuer,
  IssuerSchema,
  type ObjectChange,
  ObjectChangeSchema,
  CredentialChange as ToldCredentialChange,
  ObjectKind as ToldKind,
} from "../../gen/weir/v1/configuration_pb.ts";
import { credentialOf, type DeclaredRoutesOptions, declarationOf, jsonOf, orRefuse, readers } from "./declared.ts";
import { requireRole } from "./person.ts";

const kinds: Readonly<Record<ObjectKind, ToldKind>> = {
  connection: ToldKind.CONNECTION,
  policy: ToldKind.POLICY,
  issuer: ToldKind.ISSUER,
};

const actions: Readonly<Record<Change["action"], ChangeAction>> = {
  create: ChangeAction.CREATE,
  update: ChangeAction.UPDATE,
  delete: ChangeAction.DELETE,
  unchanged: ChangeAction.UNCHANGED,
};

const credentialChanges: Readonly<Record<CredentialChange, ToldCredentialChange>> = {
  none: ToldCredentialChange.UNSPECIFIED,
  kept: ToldCredentialChange.KEPT,
  set: ToldCredentialChange.SET,
  cleared: ToldCredentialChange.CLEARED,
};

const kindOf = (told: ToldKind): ObjectKind => {
  const kind = (["connection", "policy", "issuer"] as const).find((each) => kinds[each] === told);
  if (kind === undefined) throw new ConnectError("An object is a connection, a policy or an issuer.", Code.InvalidArgument);
  return kind;
};

const wishOf = ({ kind: told, name, document = {}, credential }: DeclaredObject): Wish => {
  const kind = kindOf(told);
  if (credential !== undefined && kind !== "connection")
    throw new ConnectError("Only a connection has a credential.", Code.InvalidArgument);
  return { kind, name, document, credential: credentialOf(credential) };
};

/** INVARIANT: of a change's credentials only what becomes of them is told. */
const changeMessage = (change: Change): ObjectChange => {
  const { kind, name } = change.action === "delete" ? change.before : change.after;
  const before = change.before && jsonOf(change.before.document);
  const after = change.action === "delete" ? undefined : jsonOf(change.after.document);
  const credential = credentialChanges[change.action === "delete" ? "none" : change.credential];
  return create(ObjectChangeSchema, { action: actions[change.action], kind: kinds[kind], name, credential, ...present({ before, after }) });
};

const issuerMessage = (object: ShownObject): Issuer =>
  create(IssuerSchema, { name: object.name, document: jsonOf(object.document), declaration: declarationOf(object) });

/** Registers ConfigurationService. */
export const configurationRoutes =
  (options: DeclaredRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { declarations } = options;
    router.service(ConfigurationService, {
      async applyConfiguration({ objects, prune, dryRun }, context) {
        const by = await requireRole(options, context, "admin");
        const changes = await orRefuse(declarations.apply(by, { wishes: objects.map(wishOf), prune, dryRun }));
        return { changes: changes.map(changeMessage) };
      },
      async listIssuers(_request, context) {
        await requireRole(options, context, ...readers);
        return { issuers: (await orRefuse(declarations.list("issuer"))).map(issuerMessage) };
      },
    });
  };
