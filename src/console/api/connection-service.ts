/** ConnectionService: the upstreams, those of the file and those of the database. */

import { create } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { ShownObject } from "../../declared/index.ts";
import { present } from "../../envelope/present.ts";
import { type Connection, ConnectionSchema, ConnectionService } from "../../gen/weir/v1/connection_pb.ts";
import { credentialOf, type DeclaredRoutesOptions, declarationOf, jsonOf, orRefuse, readers } from "./declared.ts";
import { requireRole } from "./person.ts";

const messageOf = (object: ShownObject): Connection =>
  create(ConnectionSchema, {
    name: object.name,
    document: jsonOf(object.document),
    declaration: declarationOf(object),
    ...present({ credentialHeader: object.credentialHeader }),
  });

const kind = "connection";

/** Registers ConnectionService. */
export const connectionRoutes =
  (options: DeclaredRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { declarations } = options;
    router.service(ConnectionService, {
      async listConnections(_request, context) {
        await requireRole(options, context, ...readers);
        return { connections: (await orRefuse(declarations.list(kind))).map(messageOf) };
      },
      async getConnection({ name }, context) {
        await requireRole(options, context, ...readers);
        return { connection: messageOf(await orRefuse(declarations.get({ kind, name }))) };
      },
      async createConnection({ name, document = {}, credential }, context) {
        const by = await requireRole(options, context, "admin");
        const wish = { kind, name, document, credential: credentialOf(credential) } as const;
        return { connection: messageOf(await orRefuse(declarations.create(by, wish))) };
      },
      async updateConnection({ name, document = {}, credential, revision }, context) {
        const by = await requireRole(options, context, "admin");
        const wish = { kind, name, document, credential: credentialOf(credential) } as const;
        return { connection: messageOf(await orRefuse(declarations.update(by, wish, revision))) };
      },
      async deleteConnection({ name, revision }, context) {
        const by = await requireRole(options, context, "admin");
        await orRefuse(declarations.remove(by, { kind, name }, revision));
        return {};
      },
    });
  };
