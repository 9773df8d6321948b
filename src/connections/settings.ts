/** What the registry needs to know of a connection; the composition root hands it in. */

import type { Connection } from "../envelope/call.ts";

/** A value that does not print itself and is opened in one place only. */
export interface Sealed {
  reveal(): string;
}

/** What leads to a connection (ARCHITECTURE.md 1.3). */
export interface RouteSettings {
  /** Globs; undefined: the connection names no models of its own. */
  readonly models: readonly string[] | undefined;
  /** Lower case, without port. */
  readonly hosts: readonly string[];
  /** Path prefixes, each beginning with `/` and not ending with one. */
  readonly paths: readonly string[];
  /** RPC services by their full name, `package.Service`. */
  readonly services: readonly string[];
}

export interface ConnectionSettings extends Omit<Connection, "credential"> {
  readonly credential: { readonly header: string; readonly value: Sealed } | undefined;
  readonly route: RouteSettings;
}
