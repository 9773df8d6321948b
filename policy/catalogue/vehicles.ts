/** Registration plates. */

import { plate } from "../detectors/plate.ts";
import { type CatalogueEntry, family } from "./entry.ts";
import { alone, near, number } from "./pattern.ts";

/** Turkish provinces by their codes, and the letters and digits behind them (Karayolları Trafik Yönetmeliği, art. 53). */
const PROVINCE = "(?:0[1-9]|[1-7]\\d|8[01])";
const TURKISH = "(?:[A-PR-VYZ] \\d{4,5}|[A-PR-VYZ]{2} \\d{3,4}|[A-PR-VYZ]{3} \\d{2,4})";
const ANY_CASE = "[A-Za-z]{1,3} \\d{2,5}";

export const vehicles: readonly CatalogueEntry[] = family(
  ["pii", "vehicles"],
  [
    {
      name: "uk-plate",
      label: "PLATE",
      title: "British registration plate since 2001",
      origin: "https://www.gov.uk/government/publications/vehicle-registration-numbers-and-number-plates",
      pattern: number("[A-HJ-PR-Y]{2}(?:0[2-9]|[1-6]\\d|7[0-5]) ?[A-HJ-PR-Z]{3}"),
      positive: ["AB51 ABC", "BD62XYZ"],
      negative: ["AB80 ABC", "AB51 AIB"],
    },
    {
      name: "in-plate",
      label: "PLATE",
      title: "Indian registration plate",
      origin: "https://parivahan.gov.in/",
      pattern: number(
        "(?:AN|AP|AR|AS|BR|CG|CH|DD|DL|DN|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK|TN|TR|TS|UK|UP|WB)[ -]?\\d{1,2}[ -]?[A-Z]{1,3}[ -]?\\d{4}",
      ),
      positive: ["KA01AB1234", "MH 12 DE 1433"],
      negative: ["XX01AB1234"],
    },
    {
      name: "ng-plate",
      label: "PLATE",
      title: "Nigerian registration plate",
      origin: "https://frsc.gov.ng/",
      pattern: `${number("[A-Z]{3}-\\d{3}[A-Z]{2}")}|${alone("[A-Za-z]{3}-\\d{3}[A-Za-z]{2}")}`,
      positive: ["ABJ-001AA"],
      negative: ["ABCD-123EF", "the tag foo-123ab"],
    },
    {
      name: "tr-plate",
      label: "PLATE",
      title: "Turkish registration plate",
      origin: "https://www.egm.gov.tr/",
      pattern: `(?<!:)${number(`(?<secret>${PROVINCE} ${TURKISH})`)}|${alone(`(?<secret>${PROVINCE} ${ANY_CASE})`)}|${near("[Pp]laka(?:sı)?|PLAKA|[Pp]late", `${PROVINCE} ${ANY_CASE}`)}`,
      validator: plate,
      positive: ["34 ABC 1234", "06 JK 567", "plaka «34 abc 1234»"],
      negative: ["12 MAY 2020", "00 ABC 123", "34 von 1200 Bestellungen", "at 02:13:07 ON 2026", "16 GB 2400 MHz"],
    },
  ],
);
