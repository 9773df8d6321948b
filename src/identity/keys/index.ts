/** The front door of managed API keys. */

export type { ApiKey, ServiceIdentity } from "./key-store.ts";
export { type KeyWish, ManagedKeys } from "./managed-keys.ts";
