/** PolicyService: who may ask what, by the file and by the database. */

import { create } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import type { ShownObject } from "../../declared/index.ts";
import { type Policy, PolicySchema, PolicyService } from "../../gen/weir/v1/policy_pb.ts";
import { type DeclaredRoutesOptions, declarationOf, jsonOf, orRefuse, readers } from "./declared.ts";
import { requireRole } from "./person.ts";

export interface PolicyRoutesOptions extends DeclaredRoutesOptions {
  /** The revision of the policies in force at this moment. */
  readonly policyRevision: () => string;
}

const messageOf = (object: ShownObject): Policy =>
  create(PolicySchema, { name: object.name, document: jsonOf(object.document), declaration: declarationOf(object) });

const kind = "policy";

/** Registers PolicyService. */
export const policyRoutes =
  (options: PolicyRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { declarations } = options;
    router.service(PolicyService, {
      async listPolicies(_request, context) {
        await requireRole(options, context, ...readers);
        const policies = (await orRefuse(declarations.list(kind))).map(messageOf);
        return { policies, policyRevision: options.policyRevision() };
      },
      async getPolicy({ name }, context) {
        await requireRole(options, context, ...readers);
        return { policy: messageOf(await orRefuse(declarations.get({ kind, name }))) };
      },
      async createPolicy({ name, document = {} }, context) {
        const by = await requireRole(options, context, "admin");
        return { policy: messageOf(await orRefuse(declarations.create(by, { kind, name, document, credential: undefined }))) };
      },
      async updatePolicy({ name, document = {}, revision }, context) {
        const by = await requireRole(options, context, "admin");
        return { policy: messageOf(await orRefuse(declarations.update(by, { kind, name, document, credential: undefined }, revision))) };
      },
      async deletePolicy({ name, revision }, context) {
        const by = await requireRole(options, context, "admin");
        await orRefuse(declarations.remove(by, { kind, name }, revision));
        return {};
      },
    });
  };
