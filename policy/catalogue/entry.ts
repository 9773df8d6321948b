/** What the catalogue says of a detector besides how it works. */

import { notFiller } from "../detectors/filler.ts";
import type { Detector } from "../masking/detector.ts";

/** The packs a policy may name. `all` is every detector. */
export const PACKS = [
  "credentials",
  "cloud",
  "vcs",
  "ai",
  "chat",
  "payment",
  "saas",
  "database",
  "private-keys",
  "generic-secrets",
  "pii",
  "contact",
  "pci",
  "bank",
  "crypto",
  "network",
  "medical",
  "us-ids",
  "eu-ids",
  "world-ids",
  "vehicles",
] as const;

/** The name of a pack. */
export type Pack = (typeof PACKS)[number];

/**
 * A detector of the catalogue. Its examples are its tests: in `positive` guillemets mark what must be covered (without them: the whole text), and
 * nothing of `negative` may be.
 */
export interface CatalogueEntry extends Detector {
  readonly packs: readonly Pack[];
  /** What it finds, for people. */
  readonly title: string;
  /** Where the format is documented. */
  readonly origin: string;
  readonly positive: readonly string[];
  readonly negative: readonly string[];
}

/** An entry before its family adds what all its members share. `fillers`: even `xxxxxxxx` is masked. */
export type Draft = Omit<CatalogueEntry, "packs"> & { readonly packs?: readonly Pack[]; readonly fillers?: true };

/** Entries of one family: each is in the given packs, and in its own ones. */
export function family(packs: readonly Pack[], drafts: readonly Draft[]): readonly CatalogueEntry[] {
  return drafts.map(({ fillers: _, ...draft }) => ({ ...draft, packs: [...packs, ...(draft.packs ?? [])] }));
}

/**
 * Credentials of one family: masked also where generation was cut (rule 6), and not masked where the body is a filler such as `xxxxxxxx`.
 * Blocks have no such check: they are covered from their beginning.
 */
export function credentials(pack: Pack, drafts: readonly Draft[]): readonly CatalogueEntry[] {
  return family(
    ["credentials", pack],
    drafts.map((draft) => ({
      credential: true,
      ...(draft.block === true || draft.fillers === true ? {} : { validator: notFiller }),
      ...draft,
    })),
  );
}
