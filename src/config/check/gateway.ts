/** Checks of the gateway's own settings. */

import { isAbsolute, relative } from "node:path";
import { isNeverDialled } from "../egress.ts";
import type { Parsed } from "../schema/index.ts";
import type { Check } from "./check.ts";

/** AES-256 (ARCHITECTURE.md 1.7). */
const keyBytes = 32;
const base64OfKey = /^[A-Za-z0-9+/]{43}=$/;

const isUnder = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
};

const samePort: Check = {
  reads: ["listen", "admin"],
  find: ({ listen, admin }) =>
    listen.port !== 0 && listen.port === admin.port ? [{ path: ["admin", "port"], message: "must differ from listen.port" }] : [],
};

const keyOfRightLength: Check = {
  reads: ["encryptionKey"],
  find: ({ encryptionKey }) =>
    base64OfKey.test(encryptionKey.reveal().trim())
      ? []
      : [{ path: ["encryptionKey"], message: `must be ${keyBytes} bytes in base64; make one with: openssl rand -base64 ${keyBytes}` }],
};

const allowedNetworks: Check = {
  reads: ["egress"],
  find: ({ egress }) =>
    (egress?.allow ?? []).flatMap((network, index) =>
      isNeverDialled(network)
        ? [{ path: ["egress", "allow", index], message: "link-local and metadata addresses are never dialled, so they cannot be allowed" }]
        : [],
    ),
};

/** Who copies the data folder must not get the key with it. `dataDir` is absolute. */
const keyOutside = (dataDir: (parsed: Parsed) => string): Check => ({
  reads: ["encryptionKey", "dataDir"],
  find: (parsed) =>
    parsed.encryptionKey.files.some((file) => isUnder(dataDir(parsed), file))
      ? [{ path: ["encryptionKey"], message: "must not lie under dataDir: who copies that folder would have the key with it" }]
      : [],
});

/** Checks of the gateway's own settings; `dataDir` tells the absolute data folder. */
export const gatewayChecks = (dataDir: (parsed: Parsed) => string): readonly Check[] => [
  samePort,
  keyOfRightLength,
  allowedNetworks,
  keyOutside(dataDir),
];
