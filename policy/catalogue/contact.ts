/** How people are reached. */

import { type CatalogueEntry, family } from "./entry.ts";

// Internationalised addresses (RFC 6531): any letter outside ASCII, surrogates included.
const LETTER = "A-Za-z\\u00a1-\\uffff";
const LABEL = `${LETTER}0-9-`;
const LOCAL = `${LETTER}0-9!#$%&'*+/=?^_{|}~-`;

export const contact: readonly CatalogueEntry[] = family(
  ["pii", "contact"],
  [
    {
      name: "email",
      title: "E-mail address",
      origin: "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
      pattern: `(?<![${LOCAL}])[${LOCAL}][.${LOCAL}]{0,63}@(?:[${LABEL}]{1,63}\\.){1,5}(?:[${LETTER}]{2,24}|xn--[a-z0-9-]{2,30})(?![${LABEL}])`,
      positive: ["jane.doe+tag@example.co.uk", "<«jürgen@müller.de»>"],
      negative: ["jane.doe@example", "@decorator", "a@b"],
    },
  ],
);
