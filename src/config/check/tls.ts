/** Checks of what the listener shows of itself: a certificate that cannot be used is told at load, not to the first caller. */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Finding } from "../problem.ts";
import type { Secret } from "../secret.ts";
import type { Check } from "./check.ts";

/** undefined where it cannot be read. INVARIANT: what OpenSSL says of a key is not repeated. */
const attempt = <Read>(read: () => Read): Read | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

const certificateIn = (pem: Secret): X509Certificate | undefined => attempt(() => new X509Certificate(pem.reveal()));
const keyIn = (pem: Secret): KeyObject | undefined => attempt(() => createPrivateKey(pem.reveal()));

const wrong = (field: "cert" | "key" | "clientCa", message: string): Finding => ({ path: ["listen", "tls", field], message });

const usable: Check = {
  opensSecrets: true,
  reads: ["listen"],
  find: ({ listen: { tls } }) => {
    if (tls === undefined) return [];
    const certificate = certificateIn(tls.cert);
    const key = keyIn(tls.key);
    const findings: Finding[] = [];
    if (certificate === undefined) findings.push(wrong("cert", "must lead to a certificate in PEM"));
    if (key === undefined) findings.push(wrong("key", "must lead to a private key in PEM, without a passphrase"));
    if (key !== undefined && certificate?.checkPrivateKey(key) === false) findings.push(wrong("key", "is not the key of listen.tls.cert"));
    if (tls.clientCa !== undefined && certificateIn(tls.clientCa) === undefined) {
      findings.push(wrong("clientCa", "must lead to certificates in PEM"));
    }
    return findings;
  },
};

/** Checks of the listener's TLS. */
export const tlsChecks: readonly Check[] = [usable];
