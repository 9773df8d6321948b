/** The directory of who has come in: written in batches, so that no call waits for it. */

import { gatewayIssuer, type Principal } from "../envelope/call.ts";
import type { Pool, StoreLog } from "../store/index.ts";

/** What a caller has seen of an identity is written within this time, milliseconds. */
const flushMs = 2_000;
/** Identities noted and not yet written; beyond it newcomers wait for their next call. */
const mostPending = 20_000;

interface Seen {
  readonly principal: Principal;
  at: number;
}

/** What tells an identity's groups: an issuer's claims, `weir.yaml`, or the service identities of the database. */
type GroupSource = "issuer" | "configuration" | "database";

/** A Weir token tells what its holder was when it was issued, and not by whom. */
const sourceOf = ({ issuer, grant }: Principal): GroupSource | null => {
  if (issuer !== gatewayIssuer) return grant === undefined ? "issuer" : null;
  if (grant === undefined) return "configuration";
  return grant.lineage.length === 0 && grant.id.startsWith("key_") ? "database" : null;
};

/** One row of the directory. */
export interface DirectoryEntry {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  /** Where its groups come from; undefined: it has come in with tokens only since this is kept. */
  readonly source: GroupSource | undefined;
  /** Who is responsible for a service or an agent. */
  readonly owner: Principal["owner"];
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

interface Row {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  readonly email: string | null;
  readonly groups: string[];
  readonly source: GroupSource | null;
  readonly owner_issuer: string | null;
  readonly owner_subject: string | null;
  readonly first_seen: Date;
  readonly last_seen: Date;
}

/** Groups travel as JSON: PostgreSQL's arrays of arrays must be of one length. */
const upsertSql = `INSERT INTO weir.identities (issuer, subject, kind, name, email, groups, first_seen, last_seen, source, owner_issuer, owner_subject)
  SELECT issuer, subject, kind, name, email, ARRAY(SELECT jsonb_array_elements_text(groups)), seen, seen, source, owner_issuer, owner_subject
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[], $8::text[], $9::text[], $10::text[])
    AS t (issuer, subject, kind, name, email, groups, seen, source, owner_issuer, owner_subject)
  ON CONFLICT (issuer, subject) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name, email = coalesce(EXCLUDED.email, weir.identities.email), groups = EXCLUDED.groups,
    source = coalesce(EXCLUDED.source, weir.identities.source), owner_issuer = EXCLUDED.owner_issuer, owner_subject = EXCLUDED.owner_subject,
    last_seen = GREATEST(weir.identities.last_seen, EXCLUDED.last_seen)`;

const columns = "issuer, subject, kind, name, email, groups, first_seen, last_seen, source, owner_issuer, owner_subject";
const listSql = `SELECT ${columns} FROM weir.identities WHERE ($1::text IS NULL OR name = $1) AND (issuer, subject) > ($2, $3)
  ORDER BY issuer, subject LIMIT $4`;

/** PostgreSQL's texts take no NUL. */
const clean = (text: string): string => text.replaceAll("\0", "\ufffd");

const ownerOf = ({ owner_issuer: issuer, owner_subject: subject }: Row): Principal["owner"] =>
  issuer === null || subject === null ? undefined : { issuer, subject };

const entryOf = (row: Row): DirectoryEntry => ({
  issuer: row.issuer,
  subject: row.subject,
  kind: row.kind,
  name: row.name,
  groups: row.groups,
  email: row.email ?? undefined,
  source: row.source ?? undefined,
  owner: ownerOf(row),
  firstSeen: row.first_seen,
  lastSeen: row.last_seen,
});

export class SeenIdentities {
  readonly #pool: Pool;
  readonly #log: StoreLog;
  readonly #pending = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  /** `pool` is of the role `weir_access`. */
  constructor(pool: Pool, log: StoreLog) {
    this.#pool = pool;
    this.#log = log;
    this.#timer = setInterval(() => void this.flush(), flushMs).unref();
  }

  /** Notes that somebody came; cheap. */
  note(principal: Principal): void {
    if (principal.kind === "anonymous") return;
    const key = `${principal.issuer}\0${principal.subject}`;
    const seen = this.#pending.get(key);
    if (seen !== undefined && seen.principal === principal) seen.at = Date.now();
    else if (seen !== undefined || this.#pending.size < mostPending) this.#pending.set(key, { principal, at: Date.now() });
  }

  /** Writes what has been noted; what cannot be written is told to the log and noted anew at the next call. */
  flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** A page of the directory behind an entry, in the order of issuer and subject. */
  async list(filter: {
    readonly name: string | undefined;
    readonly after: readonly [string, string];
    readonly limit: number;
  }): Promise<readonly DirectoryEntry[]> {
    const { rows } = await this.#pool.query<Row>(listSql, [filter.name ?? null, ...filter.after, filter.limit]);
    return rows.map(entryOf);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const seen = [...this.#pending.values()];
    this.#pending.clear();
    const column = (of: (each: Seen) => unknown): unknown[] => seen.map(of);
    try {
      await this.#pool.query(upsertSql, [
        column(({ principal }) => clean(principal.issuer)),
        column(({ principal }) => clean(principal.subject)),
        column(({ principal }) => principal.kind),
        column(({ principal }) => clean(principal.name)),
        column(({ principal }) => (principal.email === undefined ? null : clean(principal.email))),
        column(({ principal }) => JSON.stringify(principal.groups.map(clean))),
        column(({ at }) => new Date(at)),
        column(({ principal }) => sourceOf(principal)),
        column(({ principal: { owner } }) => (owner === undefined ? null : clean(owner.issuer))),
        column(({ principal: { owner } }) => (owner === undefined ? null : clean(owner.subject))),
      ]);
    } catch (thrown) {
      this.#log.warn({ err: thrown }, "Who came in could not be written to the directory.");
    }
  }
}
