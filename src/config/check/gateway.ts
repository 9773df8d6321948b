/** Checks of the gateway's own settings. */

import { isAbsolute, relative } from "node:path";
import { type CompileEgress, parseNetwork } from "../network.ts";
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
  opensSecrets: true,
  reads: ["encryptionKey"],
  find: ({ encryptionKey }) =>
    base64OfKey.test(encryptionKey.reveal().trim())
      ? []
      : [{ path: ["encryptionKey"], message: `must be ${keyBytes} bytes in base64; make one with: openssl rand -base64 ${keyBytes}` }],
};

/** A network of which not even its first address may be dialled promises what cannot be kept. The network of all addresses is more than that. */
const isNeverDialled = (text: string, compileEgress: CompileEgress): boolean => {
  const network = parseNetwork(text);
  return network !== undefined && network.prefix > 0 && !compileEgress([text]).allows(network.address);
};

const allowedNetworks = (compileEgress: CompileEgress): Check => ({
  reads: ["egress"],
  find: ({ egress }) =>
    (egress?.allow ?? []).flatMap((network, index) =>
      isNeverDialled(network, compileEgress)
        ? [
            {
              path: ["egress", "allow", index],
              message: "link-local, metadata and multicast addresses are never dialled, so they cannot be allowed",
            },
          ]
        : [],
    ),
});

/** Who copies the data folder must not get the key with it. `dataDir` is absolute. */
const keyOutside = (dataDir: (parsed: Parsed) => string): Check => ({
  opensSecrets: true,
  reads: ["encryptionKey", "dataDir"],
  find: (parsed) =>
    parsed.encryptionKey.files.some((file) => isUnder(dataDir(parsed), file))
      ? [{ path: ["encryptionKey"], message: "must not lie under dataDir: who copies that folder would have the key with it" }]
      : [],
});

/** What these checks need to know besides the file. */
interface Surroundings {
  /** The absolute data folder. */
  readonly dataDir: (parsed: Parsed) => string;
  readonly compileEgress: CompileEgress | undefined;
}

/** Checks of the gateway's own settings. */
export const gatewayChecks = ({ dataDir, compileEgress }: Surroundings): readonly Check[] => [
  samePort,
  keyOfRightLength,
  keyOutside(dataDir),
  ...(compileEgress === undefined ? [] : [allowedNetworks(compileEgress)]),
];
