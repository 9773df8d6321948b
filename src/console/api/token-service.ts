/** TokenService: API keys, and taking access away. */

import { create } from "@bufbuild/protobuf";
import { type Duration, durationMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  type ApiKey as ApiKeyMessage,
  ApiKeySchema,
  type Revocable as RevocableMessage,
  type TokenScope,
  TokenService,
} from "../../gen/weir/v1/token_pb.ts";
import { type ApiKey, type KeyWish, type ManagedKeys, objectOf, type Revocable, type Revocations } from "../../identity/index.ts";
import type { Auditing } from "./audit.ts";
import { type Authorizing, requireRole } from "./person.ts";

export interface TokenRoutesOptions extends Authorizing, Auditing {
  readonly keys: ManagedKeys;
  readonly revocations: Revocations;
  /** Whether there is such an issuer or connection; true for what no configuration names. */
  readonly isConfigured: (revocable: Revocable) => boolean;
}

const dayMs = 24 * 60 * 60 * 1000;
const sha256Form = /^[0-9a-f]{64}$/i;

const listOf = (names: readonly string[]): readonly string[] | undefined => (names.length === 0 ? undefined : names);

const scopeOf = (scope: TokenScope | undefined): ApiKey["scope"] => ({
  connections: listOf(scope?.connections ?? []),
  models: listOf(scope?.models ?? []),
  operations: listOf(scope?.operations ?? []),
});

const endOf = (lifetime: Duration | undefined): number => {
  if (lifetime === undefined) return Number.POSITIVE_INFINITY;
  const ms = durationMs(lifetime);
  if (ms <= 0) throw new ConnectError("A lifetime is more than nothing.", Code.InvalidArgument);
  return Date.now() + ms;
};

const keyMessage = ({ id, identity, scope, createdAt, expiresAt }: ApiKey, revoked = false): ApiKeyMessage =>
  create(ApiKeySchema, {
    id,
    identity,
    revoked,
    scope: { connections: [...(scope.connections ?? [])], models: [...(scope.models ?? [])], operations: [...(scope.operations ?? [])] },
    createdAt: timestampFromDate(new Date(createdAt)),
    ...(Number.isFinite(expiresAt) ? { expiresAt: timestampFromDate(new Date(expiresAt)) } : {}),
  });

const revocableOf = (message: RevocableMessage | undefined): Revocable => {
  const what = message?.what;
  switch (what?.case) {
    case "token":
      return { kind: "token", id: what.value };
    case "identity":
      return { kind: "identity", issuer: what.value.issuer, subject: what.value.subject };
    case "issuer":
      return { kind: "issuer", name: what.value };
    case "connection":
      return { kind: "connection", name: what.value };
    case undefined:
      throw new ConnectError("Say what: a token, an identity, an issuer or a connection.", Code.InvalidArgument);
  }
};

const nameOf = ({ kind, ...what }: Revocable): string => `${kind} ${Object.values(what).join("/")}`;

const requireIdentity = async ({ keys }: TokenRoutesOptions, name: string): Promise<void> => {
  const known = (await keys.store.identities()).some((identity) => identity.name === name);
  if (!known) throw new ConnectError("There is no such service identity; those of the configuration have their key there.", Code.NotFound);
};

const keyToRotate = async ({ keys, revocations }: TokenRoutesOptions, id: string): Promise<ApiKey> => {
  const key = await keys.store.key(id);
  if (key === undefined || key.expiresAt <= Date.now()) throw new ConnectError("There is no such key, or it has ended.", Code.NotFound);
  if (revocations.has({ kind: "token", id })) throw new ConnectError("The key has been revoked.", Code.FailedPrecondition);
  return key;
};

/** A key that was to last for a while is followed by one that lasts as long, and not for good. */
const successorOf = ({ identity, scope, createdAt, expiresAt }: ApiKey): KeyWish => ({
  identity,
  scope,
  expiresAt: Date.now() + (expiresAt - createdAt),
});

/** What somebody wants to take away, if there is any such thing: a misspelt name must not look as if it had been taken away. */
const knownRevocable = ({ isConfigured }: TokenRoutesOptions, message: RevocableMessage | undefined): Revocable => {
  const revocable = revocableOf(message);
  if (objectOf(revocable).includes("")) throw new ConnectError("A name is missing.", Code.InvalidArgument);
  if (!isConfigured(revocable)) throw new ConnectError(`There is no ${revocable.kind} by that name.`, Code.NotFound);
  return revocable;
};

/** Registers TokenService. */
export const tokenRoutes =
  (options: TokenRoutesOptions) =>
  (router: ConnectRouter): void => {
    const { keys, revocations, audited } = options;
    router.service(TokenService, {
      async createApiKey({ identity, scope: asked, lifetime, importedSha256 }, context) {
        const by = await requireRole(options, context, "admin");
        await requireIdentity(options, identity);
        const wish = { identity, scope: scopeOf(asked), expiresAt: endOf(lifetime) };
        const imported = importedSha256 !== "";
        if (imported && !sha256Form.test(importedSha256))
          throw new ConnectError("imported_sha256 must be 64 hexadecimal digits.", Code.InvalidArgument);
        const made = await audited(
          ({ id }: ApiKey) => ({ by, action: "key.create", object: id, details: { identity, imported, scope: wish.scope } }),
          async (also) =>
            imported ? { key: await keys.import(importedSha256.toLowerCase(), wish, also), secret: "" } : keys.mint(wish, also),
        );
        return { key: keyMessage(made.key), secret: made.secret };
      },
      async rotateApiKey({ id, overlap }, context) {
        const by = await requireRole(options, context, "admin");
        const old = await keyToRotate(options, id);
        const endsAt = Date.now() + (overlap === undefined ? dayMs : Math.max(0, durationMs(overlap)));
        const made = await audited(
          ({ id: successor }: ApiKey) => ({ by, action: "key.rotate", object: id, details: { identity: old.identity, successor } }),
          (also) => keys.rotate({ id, endsAt }, successorOf(old), also),
        );
        return { key: keyMessage(made.key), secret: made.secret };
      },
      async listApiKeys({ identity }, context) {
        await requireRole(options, context, "admin");
        const found = await keys.store.keysOf(identity);
        return { keys: found.map((key) => keyMessage(key, revocations.has({ kind: "token", id: key.id }))) };
      },
      async revoke({ what, reason }, context) {
        const by = await requireRole(options, context, "admin");
        const revocable = knownRevocable(options, what);
        await audited(
          () => ({ by, action: "access.revoke", object: nameOf(revocable), details: { reason } }),
          (also) => revocations.revoke(revocable, { by, reason }, also),
        );
        return {};
      },
      async restore({ what }, context) {
        const by = await requireRole(options, context, "admin");
        const revocable = revocableOf(what);
        const was = await audited(
          () => ({ by, action: "access.restore", object: nameOf(revocable), details: {} }),
          (also) => revocations.lift(revocable, also),
        );
        if (!was) throw new ConnectError("It is not revoked.", Code.FailedPrecondition);
        return {};
      },
    });
  };
