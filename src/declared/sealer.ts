/** Credentials of connections, sealed in the database: each opens for its own connection and the origin that it was given for, and for nothing else. */

import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import type { Credential, SealedCredential } from "./object.ts";

const algorithm = "aes-256-gcm";
const keyBytes = 32;
/** Random: connections change far less often than the 2³² seals that NIST SP 800-38D section 8.3 allows a key. */
const nonceBytes = 12;
const tagBytes = 16;
/** Hexadecimal digits that tell the keys of one installation apart. */
const idDigits = 16;

/** What a credential is bound to. */
export interface Binding {
  /** The connection's name. */
  readonly name: string;
  /** Scheme, host and port of its upstream, as the URL standard serialises an origin. */
  readonly origin: string;
}

/** A credential cannot be opened: it was sealed under another key or for another connection or origin, or it has been altered. */
export class CredentialUnreadable extends Error {
  override readonly name = "CredentialUnreadable";
}

const bytesOf = ({ name, origin }: Binding): Buffer => Buffer.from(JSON.stringify([name, origin]));

export class CredentialSealer {
  readonly #key: KeyObject;
  readonly #id: string;

  /** `encryptionKey`: 32 bytes. */
  constructor(encryptionKey: Uint8Array) {
    const key = Buffer.from(hkdfSync("sha256", encryptionKey, "", "weir connection credentials", keyBytes));
    this.#key = createSecretKey(key);
    this.#id = createHash("sha256").update("weir connection credentials id\0").update(key).digest("hex").slice(0, idDigits);
  }

  seal({ header, value }: Credential, binding: Binding): SealedCredential {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(bytesOf(binding));
    const sealed = Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return { header, sealed, key: this.#id };
  }

  /** Throws {@link CredentialUnreadable}. */
  open({ header, sealed, key }: SealedCredential, binding: Binding): Credential {
    if (key !== this.#id) throw new CredentialUnreadable("its credential was sealed under another encryptionKey");
    try {
      const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(bytesOf(binding)).setAuthTag(sealed.subarray(-tagBytes));
      const value = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
      return { header, value: value.toString("utf8") };
    } catch {
      throw new CredentialUnreadable("its credential was sealed for another connection or upstream, or has been altered");
    }
  }
}
