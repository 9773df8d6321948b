/** Numbers of people in the United States and Canada. */

import { compact } from "../detectors/compact.ts";
import { documentNumber } from "../detectors/document-number.ts";
import { isAba, isDea, isItin, isLoneNpi, isNpi, isSin, isSsn } from "../detectors/united-states.ts";
import { type CatalogueEntry, family } from "./entry.ts";
import { alone, near, number, weak } from "./pattern.ts";

const MBI =
  "[1-9][AC-HJKMNP-RT-Yac-hjkmnp-rt-y][0-9AC-HJKMNP-RT-Yac-hjkmnp-rt-y]\\d-?[AC-HJKMNP-RT-Yac-hjkmnp-rt-y][0-9AC-HJKMNP-RT-Yac-hjkmnp-rt-y]\\d-?[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]{2}\\d{2}";

export const usIds: readonly CatalogueEntry[] = [
  ...family(
    ["pii", "us-ids"],
    [
      {
        name: "us-ssn",
        title: "US social security number",
        origin: "https://secure.ssa.gov/poms.nsf/lnx/0110201035",
        pattern: number("\\d{3}-\\d{2}-\\d{4}|\\d{3} \\d{2} \\d{4}|\\d{3}\\.\\d{2}\\.\\d{4}"),
        validator: compact(isSsn),
        positive: ["536-22-8726", "536 22 8726", "SSN «536.22.8726»!"],
        negative: ["000-12-3456", "666-12-3456", "123-45-678"],
      },
      {
        name: "us-ssn-by-name",
        label: "US_SSN",
        title: "US social security number without separators, by its name",
        origin: "https://secure.ssa.gov/poms.nsf/lnx/0110201035",
        pattern: near("ssns?|soc(?:ial)?[ _-]?sec(?:urity)?(?:[ _-]?(?:number|no|num))?", "\\d{3}[- .]?\\d{2}[- .]?\\d{4}"),
        flags: "i",
        positive: ["ssn: «536228726»", "social security number is «536-22-8726»"],
        negative: ["order 536228726"],
      },
      {
        name: "us-itin",
        title: "US individual taxpayer identification number",
        origin: "https://www.irs.gov/individuals/individual-taxpayer-identification-number",
        pattern: `${number("(?<secret>9\\d{2}[- ][5-9]\\d[- ]?\\d{4}|9\\d{2}[5-9]\\d[- ]\\d{4})")}|${weak("itin|tax(?:payer)?", "9\\d{2}[5-9]\\d{5}")}`,
        flags: "i",
        validator: compact(isItin),
        positive: ["912-72-1234", "«911701234»"],
        negative: ["912-48-1234", "912-89-1234", "job 911701234"],
      },
      {
        name: "us-npi",
        title: "US national provider identifier",
        origin: "https://www.cms.gov/regulations-and-guidance/administrative-simplification/nationalprovidentstand",
        pattern: `${number("[12]\\d{3}[- ]\\d{3}[- ]\\d{3}")}|${alone("[12]\\d{9}")}`,
        validator: compact(isLoneNpi),
        packs: ["medical"],
        positive: ["1245319599", "«1234-567-893»"],
        negative: ["1245319598", "1700000001", "item 1245319599"],
      },
      {
        name: "us-npi-by-name",
        label: "US_NPI",
        title: "US national provider identifier, by its name",
        origin: "https://www.cms.gov/regulations-and-guidance/administrative-simplification/nationalprovidentstand",
        pattern: near("npi|provider", "[12]\\d{9}"),
        flags: "i",
        validator: compact(isNpi),
        packs: ["medical"],
        positive: ["NPI «1245319599»"],
        negative: ["NPI 1245319598"],
      },
      {
        name: "us-mbi",
        title: "US Medicare beneficiary identifier",
        origin: "https://www.cms.gov/medicare/new-medicare-card/understanding-the-mbi.pdf",
        pattern: number(MBI),
        packs: ["medical"],
        positive: ["1EG4-TE5-MK73", "1EG4TE5MK73"],
        negative: ["1SG4-TE5-MK73", "1EG4-TE5-MK7"],
      },
      {
        name: "us-dea",
        title: "US DEA registration number",
        origin: "https://www.deadiversion.usdoj.gov/drugreg/reg_apps/registration.html",
        pattern: `${number("[ABCDEFGHJKLMPRSTUX][A-Z9]\\d{7}")}|${alone("[A-Za-z]{2}\\d{7}")}`,
        validator: compact(isDea),
        packs: ["medical"],
        positive: ["BB1388568"],
        negative: ["BB1388569"],
      },
      {
        name: "us-driver-licence",
        title: "US driver's licence, by its name",
        origin: "https://www.aamva.org/identity/driver-license-identification-card-design-standard",
        pattern: near("driv(?:er|ing)(?:'?s)?[ _-]?licen[cs]e|\\bDLN?\\b|licen[cs]e", "[A-Za-z]{0,3}\\d(?:[- ]?[A-Za-z\\d]){4,16}", 32),
        flags: "i",
        validator: documentNumber,
        positive: ["driver's license number is «H1223-4567-890»", "driving licence: «D1234567»"],
        negative: ["license: MIT", "license 2.0", "license of 2024 the authors"],
      },
      {
        name: "ca-sin",
        title: "Canadian social insurance number",
        origin: "https://www.canada.ca/en/employment-social-development/services/sin.html",
        pattern: number("\\d{3} \\d{3} \\d{3}|\\d{3}-\\d{3}-\\d{3}"),
        validator: compact(isSin),
        positive: ["046 454 286", "046-454-286"],
        negative: ["046 454 287", "046 454-286"],
      },
      {
        name: "ca-sin-by-name",
        label: "CA_SIN",
        title: "Canadian social insurance number, by its name",
        origin: "https://www.canada.ca/en/employment-social-development/services/sin.html",
        pattern: near("sin(?![a-z])|nas(?![a-z])|social insurance(?: number)?|assurance sociale", "\\d{3}[ -]?\\d{3}[ -]?\\d{3}"),
        flags: "i",
        validator: compact(isSin),
        positive: ["SIN: «046454286»"],
        negative: ["since 046454286"],
      },
    ],
  ),
  ...family(
    ["pii", "bank"],
    [
      {
        name: "us-bank-routing",
        title: "US bank routing number",
        origin: "https://www.aba.com/about-us/routing-number",
        pattern: number("\\d{4}-\\d{4}-\\d"),
        validator: compact(isAba),
        positive: ["1210-0035-8"],
        negative: ["1210-0035-9"],
      },
      {
        name: "us-bank-number-by-name",
        title: "US routing or account number, by its name",
        origin: "https://www.aba.com/about-us/routing-number",
        pattern: near("aba|routing|rtn|account|acct|bank account|sort code|iban", "\\d(?:-?\\d){7,16}", 32),
        flags: "i",
        positive: ["routing number: «121000358»", "account no. «9456784544»"],
        negative: ["account 12", "aba 2026"],
      },
    ],
  ),
];
