/** A database by its parts, as the embedded one is given. */
export interface DatabaseParts {
  /** A host name, an address, or the folder of a unix socket. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Where a database is and how to enter it: by its parts or by a URL. Fits `pg`'s clients and pools. */
export type DatabaseAddress = DatabaseParts | { readonly connectionString: string };
