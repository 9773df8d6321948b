/** IdentityService: who has come in, who may no longer, and the services that cannot federate. */

import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { present } from "../../envelope/present.ts";
import {
  type IdentityKey,
  type Identity as IdentityMessage,
  IdentitySchema,
  IdentityService,
  type ServiceIdentity as ServiceIdentityMessage,
  ServiceIdentitySchema,
} from "../../gen/weir/v1/identity_pb.ts";
import type { DirectoryEntry, ManagedKeys, Revocations, SeenIdentities, ServiceIdentity } from "../../identity/index.ts";
import type { Also } from "../../store/index.ts";
import type { Auditing } from "./audit.ts";
import { pageOf, pageSizeOf } from "./page.ts";
import { type Authorizing, type Person, requireRole } from "./person.ts";

export interface IdentityRoutesOptions extends Authorizing, Auditing {
  readonly seen: SeenIdentities;
  readonly keys: ManagedKeys;
  readonly revocations: Revocations;
  /** Whether the configuration declares an identity of this name: it is read-only here. */
  readonly isDeclared: (name: string) => boolean;
}

const identityMessage = (entry: DirectoryEntry, disabled: boolean): IdentityMessage => {
  const { issuer, subject, kind, name, email, groups, source = "", owner, firstSeen, lastSeen } = entry;
  return create(IdentitySchema, {
    key: { issuer, subject },
    kind,
    name,
    groups: [...groups],
    firstSeen: timestampFromDate(firstSeen),
    lastSeen: timestampFromDate(lastSeen),
    disabled,
    source,
    ...present({ email, owner }),
  });
};

const keyOf = (key: IdentityKey | undefined): { readonly issuer: string; readonly subject: string } => {
  if (key === undefined || key.issuer === "" || key.subject === "")
    throw new ConnectError("An identity is an issuer and a subject.", Code.InvalidArgument);
  return { issuer: key.issuer, subject: key.subject };
};

/** As in the configuration. */
const nameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const kinds = ["service", "agent", "ci"] as const;

const serviceIdentityOf = (message: ServiceIdentityMessage | undefined): ServiceIdentity => {
  const { name = "", kind: asked = "", groups = [], owner } = message ?? {};
  const kind = kinds.find((each) => each === asked);
  if (!nameForm.test(name))
    throw new ConnectError("A name has letters, digits, dots, dashes and underscores, at most 63.", Code.InvalidArgument);
  if (kind === undefined) throw new ConnectError(`The kind is one of ${kinds.join(", ")}.`, Code.InvalidArgument);
  return { name, kind, groups, owner: owner === undefined ? undefined : keyOf(owner) };
};

const serviceIdentityMessage = ({ name, kind, groups, owner }: ServiceIdentity): ServiceIdentityMessage =>
  create(ServiceIdentitySchema, { name, kind, groups: [...groups], ...(owner === undefined ? {} : { owner }) });

/** The identity that a page ended with. Its parts may hold anything but NUL. */
const pointToken = ({ issuer, subject }: DirectoryEntry): string => Buffer.from(`${issuer}\0${subject}`).toString("base64url");

const pointOf = (token: string): readonly [string, string] => {
  const [issuer = "", subject = ""] = Buffer.from(token, "base64url").toString().split("\0");
  return [issuer, subject];
};

/** Removes a service identity. What runs on its keys, and what was exchanged for them, ends with them. */
const removeIdentity = async (
  { keys, revocations }: IdentityRoutesOptions,
  name: string,
  { by, also }: { readonly by: Person; readonly also: Also },
): Promise<boolean> => {
  const removed = await keys.store.removeIdentity(name, async (transaction, ended) => {
    for (const { id } of ended) await revocations.write(transaction, { kind: "token", id }, { by, reason: "its identity was deleted" });
    await also(transaction);
  });
  await Promise.all([keys.refresh(), revocations.refresh()]);
  return removed;
};

/** Registers IdentityService. */
export const identityRoutes =
  (options: IdentityRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { seen, keys, revocations, audited } = options;
    const isDisabled = ({ issuer, subject }: DirectoryEntry): boolean => revocations.has({ kind: "identity", issuer, subject });
    router.service(IdentityService, {
      async listIdentities({ pageSize, pageToken, name }, context) {
        await requireRole(options, context, "admin");
        await seen.flush();
        const size = pageSizeOf(pageSize);
        const found = await seen.list({ name, after: pointOf(pageToken), limit: size + 1 });
        const { page, next } = pageOf(found, size, pointToken);
        return { identities: page.map((entry) => identityMessage(entry, isDisabled(entry))), nextPageToken: next };
      },
      async disableIdentity({ key, reason }, context) {
        const by = await requireRole(options, context, "admin");
        const identity = keyOf(key);
        await audited(
          () => ({ by, action: "identity.disable", object: `${identity.issuer}/${identity.subject}`, details: { reason } }),
          (also) => revocations.revoke({ kind: "identity", ...identity }, { by, reason }, also),
        );
        return {};
      },
      async enableIdentity({ key }, context) {
        const by = await requireRole(options, context, "admin");
        const identity = keyOf(key);
        const was = await audited(
          () => ({ by, action: "identity.enable", object: `${identity.issuer}/${identity.subject}`, details: {} }),
          (also) => revocations.lift({ kind: "identity", ...identity }, also),
        );
        if (!was) throw new ConnectError("It is not disabled.", Code.FailedPrecondition);
        return {};
      },
      async createServiceIdentity({ identity: asked }, context) {
        const by = await requireRole(options, context, "admin");
        const identity = serviceIdentityOf(asked);
        const { name, kind, groups } = identity;
        const isNew = await audited(
          () => ({ by, action: "identity.create", object: name, details: { kind, groups } }),
          async (also) => !options.isDeclared(name) && keys.store.addIdentity(identity, also),
        );
        if (!isNew) throw new ConnectError("There is an identity by that name already.", Code.AlreadyExists);
        await keys.refresh();
        return { identity: serviceIdentityMessage(identity) };
      },
      async deleteServiceIdentity({ name }, context) {
        const by = await requireRole(options, context, "admin");
        const was = await audited(
          () => ({ by, action: "identity.delete", object: name, details: {} }),
          (also) => removeIdentity(options, name, { by, also }),
        );
        if (!was) throw new ConnectError("There is no such service identity.", Code.NotFound);
        return {};
      },
      async listServiceIdentities(_request, context) {
        await requireRole(options, context, "admin");
        return { identities: (await keys.store.identities()).map(serviceIdentityMessage) };
      },
    });
  };
