/** The front door of the catalogue: every detector Weir brings, by pack and by name. */

import type { Detector } from "../masking/detector.ts";
import { ai } from "./ai.ts";
import { cards } from "./cards.ts";
import { chat } from "./chat.ts";
import { cloud } from "./cloud.ts";
import { contact } from "./contact.ts";
import { crypto } from "./crypto.ts";
import { database } from "./database.ts";
import { type CatalogueEntry, PACKS } from "./entry.ts";
import { generic } from "./generic.ts";
import { headers } from "./headers.ts";
import { euIds } from "./ids-eu.ts";
import { documents } from "./ids-passport.ts";
import { usIds } from "./ids-us.ts";
import { worldIds } from "./ids-world.ts";
import { nearest } from "./nearest.ts";
import { network } from "./network.ts";
import { payment } from "./payment.ts";
import { privateKeys } from "./private-keys.ts";
import { saas } from "./saas.ts";
import { vcs } from "./vcs.ts";
import { vehicles } from "./vehicles.ts";

export { type CatalogueEntry, PACKS } from "./entry.ts";

/** Every detector, in order of priority: what is sure of itself names a united span before what only has context. */
export const catalogue: readonly CatalogueEntry[] = [
  ...privateKeys,
  ...cloud,
  ...vcs,
  ...ai,
  ...chat,
  ...payment,
  ...saas,
  ...database,
  ...headers,
  ...cards,
  ...contact,
  ...crypto,
  ...network,
  ...usIds,
  ...euIds,
  ...worldIds,
  ...documents,
  ...vehicles,
  ...generic,
];

/** The detectors of every pack, in order of priority; `all` is every detector. */
export const packs: ReadonlyMap<string, readonly Detector[]> = new Map<string, readonly Detector[]>([
  ["all", catalogue],
  ...PACKS.map((pack): [string, readonly Detector[]] => [pack, catalogue.filter((entry) => entry.packs.includes(pack))]),
]);

/** A name that is neither a pack nor a detector. */
export class UnknownDetector extends Error {
  /** The name as it was written. */
  readonly wanted: string;

  constructor(wanted: string, near: readonly string[]) {
    super(`there is no detector or pack "${wanted}"${near.length === 0 ? "" : `; near: ${near.join(", ")}`}`);
    this.name = "UnknownDetector";
    this.wanted = wanted;
  }
}

/**
 * The detectors of some packs and single detectors, each once, in the catalogue's order of priority.
 * @throws UnknownDetector with the nearest names.
 */
export function detectorsNamed(names: readonly string[]): readonly Detector[] {
  const wanted = new Set<Detector>();
  for (const name of names) for (const detector of named(name)) wanted.add(detector);
  return catalogue.filter((entry) => wanted.has(entry));
}

function named(name: string): readonly Detector[] {
  const single = catalogue.find((entry) => entry.name === name);
  const found = packs.get(name) ?? (single === undefined ? undefined : [single]);
  if (found === undefined) throw new UnknownDetector(name, nearest(name, [...packs.keys(), ...catalogue.map((entry) => entry.name)]));
  return found;
}
