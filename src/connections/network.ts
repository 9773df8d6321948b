/**
 * How the gateway dials, whatever it dials for: upstreams, issuers, targets of notifications. What is checked is the address that is dialled, after names
 * are resolved, so that a name which resolves to something else the second time gains nothing (ARCHITECTURE.md 1.9).
 */

import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";

/** Egress forbids an address, or every address that a name resolves to. The message names neither. */
export class EgressForbidden extends Error {
  override readonly name = "EgressForbidden";
  readonly code = "EGRESS_FORBIDDEN";

  constructor() {
    super("egress forbids the address");
  }
}

export interface Network {
  /** Throws {@link EgressForbidden} for a host that is itself an address and may not be dialled; of names `lookup` takes care. IPv6 without brackets. */
  readonly check: (host: string) => void;
  /** `dns.lookup` that resolves to allowed addresses only; fails with {@link EgressForbidden} when there are none. */
  readonly lookup: LookupFunction;
  /** What undici dials with; fails with {@link EgressForbidden} too. `timeout`: milliseconds until connected, TLS included. */
  readonly connector: (timeout: number) => buildConnector.connector;
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

const checkedLookup =
  (allows: (address: string) => boolean) =>
  (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const kept = addresses.filter(({ address }) => allows(address));
      const [first] = kept;
      if (first === undefined) callback(new EgressForbidden(), []);
      else if (options.all === true) callback(null, kept);
      else callback(null, first.address, first.family);
    });
  };

/** The network of the addresses that may be dialled, written as text. Every dial asks anew: what egress says after a reload counts from the next one on. */
export const networkOf = (allows: (address: string) => boolean): Network => {
  const lookup = checkedLookup(allows);
  const isForbidden = (host: string): boolean => isIP(host) !== 0 && !allows(host);
  return {
    lookup,
    check: (host) => {
      if (isForbidden(host)) throw new EgressForbidden();
    },
    connector: (timeout) => {
      const connect = buildConnector({ timeout, lookup });
      return (target, callback) => {
        if (isForbidden(target.hostname)) process.nextTick(callback, new EgressForbidden(), null);
        else connect(target, callback);
      };
    },
  };
};
