/** How people are reached. */

import { phone } from "../detectors/phone.ts";
import { type CatalogueEntry, family } from "./entry.ts";
import { near } from "./pattern.ts";

// Internationalised addresses (RFC 6531): any letter outside ASCII, surrogates included.
const LETTER = "A-Za-z\\u00a1-\\uffff";
const LABEL = `${LETTER}0-9-`;
// Of the signs RFC 5322 allows only those that people have in addresses: the others part addresses from what stands before them (`user=jane@…`).
const LOCAL = `${LETTER}0-9!#*+^_~-`;

const NO_NUMBER_BEFORE = "(?<![A-Za-z\\d.,_/+:=-])";
const NO_NUMBER_AFTER = "(?![A-Za-z\\d])";
/** Words that a number stands some way behind, and words of every day, behind which it must stand at once. */
const CALLING =
  "phone|phones|tel|tel[eé]phone|t[eé]l|telefon|telefono|tel[eé]fono|telefone|telepono|mobile|mobil|mobiel|cell|cellular|celular|m[oó]vil|fax|sms|whatsapp|answering|hotline|registered|cep|gsm";
const OFTEN_CALLING =
  "portable|handy|call|calls|calling|called|dial|ring|text|answer|reach|reached|contact|desk|office|home|work|messages?|number|numbers|numero|num[eé]ro|nummer";

const PHONE_NUMBER = "\\d(?:[ .()/-]{0,2}\\d){6,14}";

export const contact: readonly CatalogueEntry[] = family(
  ["pii", "contact"],
  [
    {
      name: "email",
      title: "E-mail address",
      origin: "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
      // A colon before it is that of `user:password@host`, unless a word says otherwise.
      pattern: `(?:(?<![:.'${LOCAL}])|(?<![A-Za-z/])(?:mailto|e-?mail|mail|from|to|cc|bcc|contact|user(?:name)?|login|account|id|owner|author):'?)(?<secret>[${LOCAL}][.'${LOCAL}]{0,63}@(?:[${LABEL}]{1,63}\\.){1,5}(?:[${LETTER}]{2,24}|xn--[a-z0-9-]{2,30}))(?![${LABEL}])`,
      flags: "i",
      positive: ["jane.doe+tag@example.co.uk", "<«jürgen@müller.de»>", "mailto:«jane@example.com»"],
      negative: ["jane.doe@example", "@decorator", "a@b", "ftp://user:password@example.com"],
    },
    {
      name: "email-quoted",
      label: "EMAIL",
      title: "E-mail address with a quoted local part or an address literal",
      origin: "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2",
      // The quote before it is left standing, so that an attempt begins with a word as others do, not with every string of a JSON text beside them.
      pattern: `(?<=")[^"\\s@:,;=(){}<>[\\]][^"\\s@]{0,63}"@(?:[${LABEL}]{1,63}\\.){1,5}[${LETTER}]{2,24}|(?<![.'${LOCAL}])[${LOCAL}][.'${LOCAL}]{0,63}@\\[\\d{1,3}(?:\\.\\d{1,3}){3}\\]`,
      positive: ['"«jane..doe"@example.com»', "jane@[192.0.2.1]", "write to «jane.doe@[192.0.2.1]»"],
      negative: ['"@example.com'],
    },
    {
      name: "email-spelled",
      label: "EMAIL",
      title: "E-mail address with its signs spelled out",
      origin: "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
      pattern: `(?<![.${LOCAL}])[${LOCAL}][.${LOCAL}]{0,63}[(\\[{]at[)\\]}] ?[A-Za-z0-9-]{1,63}(?: ?[(\\[{]dot[)\\]}] ?|\\.)[A-Za-z]{2,10}(?![A-Za-z0-9])`,
      flags: "i",
      positive: ["jane.doe(at)example [dot] com", "write to «jane[at]example.com»"],
      negative: ["look at example.com", "meet me at mail time"],
    },
    {
      name: "phone-international",
      label: "PHONE",
      title: "Telephone number with a country code",
      origin: "https://www.itu.int/rec/T-REC-E.164",
      pattern: `(?:(?<![A-Za-z\\d+])(?:\\+|\\(\\+)|(?<![A-Za-z\\d+.])00)[1-9](?:[ .()/-]{0,3}\\d){6,14}${NO_NUMBER_AFTER}`,
      validator: phone("international"),
      positive: ["+49 30 1234567", "call «+44 (0)20 7946 0958»", "at «+14155550132».", "+41 (0)38 549 02 90"],
      negative: ["1 + 1 = 2", "+5 points", "[0.119522234,-0.001264473]"],
    },
    {
      name: "phone-us",
      label: "PHONE",
      title: "Telephone number in the North American form",
      origin: "https://www.nanpa.com/",
      pattern: `(?<![A-Za-z\\d.,_/+=-])(?:1[ .-])?(?:\\([2-9]\\d{2}\\)[ ]?|[2-9]\\d{2}[ .-])\\d{3}[ .-]\\d{4}(?:[ ]?(?:x|ext\\.?)[ ]?\\d{1,5})?${NO_NUMBER_AFTER}`,
      positive: ["(415) 555-0132", "415-555-0132", "1-800-555-0199"],
      negative: ["4155-550-132", "123-456-7890"],
    },
    {
      name: "phone-national",
      label: "PHONE",
      title: "Telephone number with a leading zero",
      origin: "https://www.itu.int/oth/T0202.aspx?parent=T0202",
      pattern: `${NO_NUMBER_BEFORE}\\(?0[1-9]\\d{0,3}\\)?(?:[ /.-]{1,2}\\d{2,8}){1,4}${NO_NUMBER_AFTER}`,
      validator: phone("national"),
      positive: ["020 7946 0958", "01 23 45 67 89", "(030) 1234567", "0494 92 82 32"],
      negative: ["00:12:34", "09-05-2009", "0.25 0.50"],
    },
    {
      name: "phone-mobile",
      label: "PHONE",
      title: "Mobile number without separators",
      origin: "https://www.itu.int/oth/T0202.aspx?parent=T0202",
      pattern: `${NO_NUMBER_BEFORE}(?:0[79]\\d{9}|0[67]\\d{8}|01[5-7]\\d{8,9}|05\\d{9}|1[3-9]\\d{9}|010\\d{8})${NO_NUMBER_AFTER}`,
      positive: ["07911123456", "13800138000", "0612345678"],
      negative: ["1234567890", "079111"],
    },
    {
      name: "phone-by-name",
      label: "PHONE",
      title: "Number that its words call a telephone number",
      origin: "https://www.itu.int/rec/T-REC-E.164",
      pattern: `${near(CALLING, PHONE_NUMBER, 16)}|${near(OFTEN_CALLING, PHONE_NUMBER, 7)}`,
      flags: "i",
      validator: phone("named"),
      positive: ["They're not answering at «516 466 638»", "Phone:\t«451 5986»", "Fax: («72) 754-186»"],
      negative: ["call me at 10:30", "number 2026-01-01"],
    },
    {
      name: "phone-with-name-behind",
      label: "PHONE",
      title: "Number that a word behind it calls a telephone number",
      origin: "https://www.itu.int/rec/T-REC-E.164",
      pattern: `${NO_NUMBER_BEFORE}(?<secret>\\(?\\d(?:[ .()/-]{0,2}\\d){6,14})[ -]{0,2}\\(?(?:office|fax|mobile|cell|home|work|desk|tel)(?![A-Za-z])`,
      flags: "i",
      validator: phone("named"),
      positive: ["«655 437 108» office", "«3660170548»-Fax"],
      negative: ["3 mobile", "12345 office chairs"],
    },
  ],
);
