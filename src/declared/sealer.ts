/** Credentials of connections, sealed in the database: each opens for its own connection and the origin that it was given for, and for nothing else. */

import { createHash } from "node:crypto";
import { derivedKey, SealedBox } from "../store/index.ts";
import type { Credential, SealedCredential } from "./object.ts";

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
  readonly #box: SealedBox;
  readonly #id: string;

  /** `encryptionKey`: 32 bytes. */
  constructor(encryptionKey: Uint8Array) {
    const key = derivedKey(encryptionKey, "weir connection credentials");
    this.#box = new SealedBox(key);
    this.#id = createHash("sha256").update("weir connection credentials id\0").update(key).digest("hex").slice(0, idDigits);
  }

  seal({ header, value }: Credential, binding: Binding): SealedCredential {
    return { header, sealed: this.#box.seal(Buffer.from(value), bytesOf(binding)), key: this.#id };
  }

  /** Throws {@link CredentialUnreadable}. */
  open({ header, sealed, key }: SealedCredential, binding: Binding): Credential {
    if (key !== this.#id) throw new CredentialUnreadable("its credential was sealed under another encryptionKey");
    try {
      return { header, value: this.#box.open(sealed, bytesOf(binding)).toString("utf8") };
    } catch {
      throw new CredentialUnreadable("its credential was sealed for another connection or upstream, or has been altered");
    }
  }
}
