/** What the port shows and asks for where it speaks TLS. */

/** Texts in PEM. */
export interface TlsOptions {
  /** The certificate with its intermediates. */
  readonly cert: string;
  readonly key: string;
  /**
   * Authorities whose client certificates are taken. Given: every caller is asked for a certificate and may do without; one that no such authority
   * vouches for is refused in the handshake, never ignored. Absent: nobody is asked.
   */
  readonly clientCa?: string | undefined;
}
