/** The front door of what is declared while the gateway runs. */

export { Declarations, type DeclarationsOptions } from "./declarations.ts";
export { DeclaredFeed } from "./declared-feed.ts";
export { DeclaredStore, type Snapshot } from "./declared-store.ts";
export type { ObjectKind, PlainMap, Wish } from "./object.ts";
export type { Change, CredentialChange } from "./plan.ts";
export { DeclarationRefused, type RefusalReason } from "./refusal.ts";
export { CredentialSealer } from "./sealer.ts";
export type { ShownObject } from "./view.ts";
