/** Starts what decides who may come in besides configuration: the gateway's own tokens, and what has been taken away. */

import type { PolicySet } from "../policy/index.ts";
import { ApprovalDesk, approvalStatusSurface } from "./approvals/index.ts";
import type { Closers } from "./closers.ts";
import type { Config } from "./config/index.ts";
import {
  AccessControl,
  type Directory,
  ManagedKeys,
  oauthSurface,
  Revocations,
  recordAuditEvent,
  SeenIdentities,
  TokenMint,
  TokenStore,
  WeirTokens,
} from "./identity/index.ts";
import { approvalNotice } from "./notices.ts";
import { Notifier } from "./notifications/index.ts";
import { SharedQuotas } from "./quotas/index.ts";
import { ChangeFeed, type DatabaseAddress, openPool, type Pool, type StoreLog } from "./store/index.ts";
import { tokenAgreement, tokenLifetime } from "./token-approvals.ts";

export interface AccessKeeping {
  readonly control: AccessControl;
  readonly tokens: WeirTokens;
  readonly keys: ManagedKeys;
  readonly seen: SeenIdentities;
  readonly revocations: Revocations;
  readonly approvals: ApprovalDesk;
  readonly quotas: SharedQuotas;
  readonly notifier: Notifier;
  readonly pool: Pool;
  /** Tells of changes in the database. */
  readonly feed: ChangeFeed;
}

/** Connections for tokens that are looked up, and for the changes that people make. */
const connections = 4;

const minuteMs = 60_000;
/** ARCHITECTURE.md 1.8: short-lived. */
const lifetimes = { usual: 15 * minuteMs, longest: 60 * minuteMs };

/** What access needs of the rest. */
export interface AccessSurroundings {
  readonly address: DatabaseAddress;
  /** Where those may lie who are told of what happens. */
  readonly network: ConstructorParameters<typeof Notifier>[0]["network"];
  readonly log: StoreLog;
  /** The policies in force at this moment. */
  readonly policies: () => PolicySet;
}

/** Rejects when the database cannot be read. */
export const startAccess = async (
  config: Config,
  { address, network, log, policies }: AccessSurroundings,
  closers: Closers,
): Promise<AccessKeeping> => {
  const pool = openPool({ address, role: "weir_access", log, max: connections });
  closers.add(() => pool.end());
  const feed = new ChangeFeed({ address, log });
  closers.add(() => feed.stop());
  const revocations = await Revocations.start({ pool, feed });
  closers.add(() => revocations.stop());
  const keys = await ManagedKeys.start({ pool, feed });
  closers.add(() => keys.stop());
  const seen = new SeenIdentities(pool, log);
  closers.add(() => seen.stop());
  const encryptionKey = Buffer.from(config.encryptionKey.reveal(), "base64");
  const mint = new TokenMint(encryptionKey);
  const tokens = new WeirTokens({ store: new TokenStore(pool), mint, lifetimes: () => lifetimes, capped: tokenLifetime(policies) });
  const notifier = new Notifier({ pool, network, log, targets: config.notifications });
  closers.add(() => notifier.stop());
  const approvals = new ApprovalDesk({
    pool,
    feed,
    encryptionKey,
    opened: (approval) => notifier.tell(approvalNotice(approval, config.admin.url)),
    isRevoked: (reviewer) => revocations.isRevoked(reviewer),
  });
  closers.add(() => approvals.stop());
  const quotas = new SharedQuotas(pool, log);
  closers.add(() => quotas.stop());
  return { control: new AccessControl(revocations, tokens), tokens, keys, seen, revocations, approvals, quotas, notifier, pool, feed };
};

/** The token endpoints on the main port. */
export const tokenEndpoints = (
  { tokens, revocations, control, approvals }: AccessKeeping,
  { directory, policies, log }: Pick<AccessSurroundings, "policies" | "log"> & { readonly directory: Pick<Directory, "identify"> },
): ReturnType<typeof oauthSurface> =>
  oauthSurface({
    tokens,
    revocations,
    agreed: tokenAgreement(policies, { access: control, approvals }),
    identify: (credentials) => directory.identify({ credentials }),
    audit: (transaction, action, { id, principal, via, expiresAt, scope, usesLeft }) =>
      recordAuditEvent(transaction, { by: principal, action, object: id, details: { via, expiresAt, scope, requests: usesLeft } }),
    failed: (session, thrown) => log.error({ session, err: thrown }, "A token endpoint failed."),
  });

/** Where callers who did not wait for an approval ask for it on the main port. */
export const approvalStatus = (
  { approvals }: AccessKeeping,
  directory: Pick<Directory, "identify">,
): ReturnType<typeof approvalStatusSurface> =>
  approvalStatusSurface({ store: approvals.store, identify: (credentials) => directory.identify({ credentials }) });
