/** Documents whose numbers have no check of their own: only the words beside them tell. */

import { documentNumber } from "../detectors/document-number.ts";
import { type CatalogueEntry, family } from "./entry.ts";
import { near } from "./pattern.ts";

export const documents: readonly CatalogueEntry[] = family(
  ["pii", "world-ids"],
  [
    {
      name: "passport-by-name",
      label: "PASSPORT",
      title: "Passport number, by its name",
      origin: "https://www.icao.int/publications/doc-series/doc-9303",
      pattern: near(
        "passports?|passeport|pasaporte|passaporto|passaporte|reisepass|paspoort|pass[- ]?nr|паспорт|护照|여권|пасспорт",
        "[A-Za-z]{0,3}\\d(?:[ -]?[A-Za-z\\d]){5,9}",
        32,
      ),
      flags: "i",
      validator: documentNumber,
      positive: ["passport number: «C01X00T47»", "my passport is «531234567»"],
      negative: ["passport.js", "passport expires soon", "passport expires in 2031 and then"],
    },
    {
      name: "passport-with-name-behind",
      label: "PASSPORT",
      title: "Passport number with its name behind it",
      origin: "https://www.icao.int/publications/doc-series/doc-9303",
      pattern: "(?<![A-Za-z\\d])(?<secret>[A-Za-z]{1,3}\\d{6,8})[^\\d\\n]{1,24}(?:passport|pasaporte|passeport|passaporto)",
      flags: "i",
      positive: ["«AAA123456» es mi número de pasaporte"],
      negative: ["RFC1234 mentions no passport"],
    },
    {
      name: "identity-card-by-name",
      label: "ID_CARD",
      title: "Number of an identity card or national register, by its name",
      origin: "https://www.icao.int/publications/doc-series/doc-9303",
      pattern: near(
        "id[ -]?card|identity(?: card)?|national id|identity number|id number|identification number|ausweis(?:nummer)?|carte d.identit[eé]|carta d.identit[aà]|dni|c[eé]dula|tin|tax id|tax number|taxpayer|steuernummer|steuer-?id|id-?nr|voter|epic|nin|licen[cs]e plate",
        "[A-Za-z]{0,4}\\d(?:[ ./-]?[A-Za-z\\d]){5,17}",
        24,
      ),
      flags: "i",
      validator: documentNumber,
      positive: ["identity card: «AB1234567»", "national id «1985-12-0345-6»"],
      negative: ["national identity", "tin can 12"],
    },
  ],
);
