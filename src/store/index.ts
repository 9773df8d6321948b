/** The front door of the store: PostgreSQL, embedded or not. */

export type { DatabaseAddress, DatabaseParts } from "./address.ts";
export { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from "./embedded/index.ts";
export { FolderBusyError, type FolderLock, lockFolder } from "./folder-lock.ts";
export type { StoreLog } from "./log.ts";
export { migrate } from "./migrate.ts";
export { inTransaction, openPool, type Pool, type PoolOptions, type Role } from "./pool.ts";
