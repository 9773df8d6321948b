import { expect, test } from "vitest";
import { type CatalogueEntry, catalogue, PACKS } from "../../../../policy/catalogue/index.ts";

const row = ({ name, title, packs, origin }: CatalogueEntry): string =>
  `| \`${name}\` | ${title.replaceAll("|", "\\|")} | ${packs.join(", ")} | [source](${origin}) |`;

const listing = (): string =>
  [
    "# Detectors",
    "",
    "Every detector Weir brings, in order of priority: where matches overlap, the first one names the replacement. A policy names packs, single detectors, or `all`.",
    "This file is written by `npx vitest run test/unit/policy/catalogue/listing.test.ts -u`; what each detector finds and leaves alone stands as examples in `policy/catalogue/`.",
    "",
    "| pack | detectors |",
    "|---|---|",
    `| all | ${catalogue.length} |`,
    ...PACKS.map((pack) => `| ${pack} | ${catalogue.filter((entry) => entry.packs.includes(pack)).length} |`),
    "",
    "| name | finds | packs | format |",
    "|---|---|---|---|",
    ...catalogue.map(row),
    "",
  ].join("\n");

test("docs/detectors.md lists the catalogue", async () => {
  await expect(listing()).toMatchFileSnapshot("../../../../docs/detectors.md");
});
