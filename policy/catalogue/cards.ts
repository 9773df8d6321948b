/** Payment cards and bank accounts. */

import { card } from "../detectors/card.ts";
import { iban } from "../detectors/iban.ts";
import { type CatalogueEntry, family } from "./entry.ts";

export const cards: readonly CatalogueEntry[] = [
  ...family(
    ["pii", "pci"],
    [
      {
        name: "credit-card",
        title: "Payment card number",
        origin: "https://www.iso.org/standard/70484.html",
        pattern: "(?<![\\dA-Za-z])(?<![.])[1-9](?:[ .-]?\\d){12,18}(?![\\dA-Za-z])",
        validator: card,
        positive: ["4111 1111 1111 1111", "5555-5555-5555-4444", "paid with «378282246310005».", "12 «4111 1111 1111 1111»"],
        negative: ["4111 1111 1111 1112", "1234 5678 9012 3456"],
      },
      {
        name: "credit-card-short",
        label: "CREDIT_CARD",
        title: "Payment card number of twelve digits",
        origin: "https://www.mastercard.com/global/en/business/overview/safety-and-security/security-recommendations.html",
        pattern: "(?<![\\dA-Za-z.,_/-])(?:50|5[6-8]|6\\d)\\d{10}(?![\\dA-Za-z])",
        validator: card,
        positive: ["500000000009"],
        negative: ["500000000008", "5000 0000 0009"],
      },
    ],
  ),
  ...family(
    ["pii", "bank"],
    [
      {
        name: "iban",
        title: "International bank account number",
        origin: "https://www.swift.com/standards/data-standards/iban-international-bank-account-number",
        pattern: "(?<![A-Za-z0-9])[A-Za-z]{2}\\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])",
        validator: iban,
        positive: ["DE89 3704 0044 0532 0130 00", "transfer to «GB82WEST12345698765432» today", "NO9386011117947"],
        negative: ["DE89 3704 0044 0532 0130 01", "GB82WEST1234569876543"],
      },
    ],
  ),
];
