/** How upstreams are dialled: never an address that egress forbids (ARCHITECTURE.md 1.9). */

import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import { isIP } from "node:net";
import { buildConnector } from "undici";
import { AddressForbidden } from "./upstream-error.ts";

/** Whether an IP address, written as text, may be dialled. */
export type AddressCheck = (address: string) => boolean;

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Resolves a name and keeps the addresses that may be dialled: what is checked is what is connected to. */
const checkedLookup =
  (allowed: AddressCheck) =>
  (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const kept = addresses.filter(({ address }) => allowed(address));
      const [first] = kept;
      if (first === undefined) callback(new AddressForbidden(), []);
      else if (options.all === true) callback(null, kept);
      else callback(null, first.address, first.family);
    });
  };

/** A connector that checks every address it dials. `timeout`: milliseconds until connected, TLS included. */
export const checkedConnector = (allowed: AddressCheck, timeout: number): buildConnector.connector => {
  const connect = buildConnector({ timeout, lookup: checkedLookup(allowed) });
  return (target, callback) => {
    if (isIP(target.hostname) !== 0 && !allowed(target.hostname)) {
      process.nextTick(callback, new AddressForbidden(), null);
      return;
    }
    connect(target, callback);
  };
};
