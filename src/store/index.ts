/** The front door of the store: PostgreSQL, embedded or not. */

export type { DatabaseAddress, DatabaseParts } from "./address.ts";
export { ChangeFeed, type Subscription } from "./change-feed.ts";
export { derivedKey, keyBytes } from "./derived-key.ts";
export { type EmbeddedDatabase, startEmbedded } from "./embedded/index.ts";
export { FolderBusyError, lockFolder } from "./folder-lock.ts";
export type { StoreLog } from "./log.ts";
export { migrate } from "./migrate.ts";
export { type Also, inTransaction, openPool, type Pool, type Transaction } from "./pool.ts";
export { newId } from "./row-id.ts";
export { SealedBox } from "./sealed-box.ts";
