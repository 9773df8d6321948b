/** Addresses of crypto-currencies. */

import { bech32 } from "../detectors/bech32.ts";
import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, family } from "./entry.ts";

const BASE58 = "[1-9A-HJ-NP-Za-km-z]";
const START = "(?<![A-Za-z0-9+/=_.-])";
const END = "(?![A-Za-z0-9+/=_])";

export const crypto: readonly CatalogueEntry[] = family(
  ["pii", "crypto"],
  [
    {
      name: "bitcoin-address",
      label: "CRYPTO_WALLET",
      title: "Bitcoin or Litecoin address in Base58",
      origin: "https://en.bitcoin.it/wiki/Invoice_address",
      pattern: `${START}(?:[13LM]|2[MN])${BASE58}{25,34}${END}`,
      validator: secretValue("drawn"),
      positive: ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"],
      negative: ["1thisIsJustAnIdentifierOfWords", "MyClassNameIsVeryLongIndeedYes"],
    },
    {
      name: "bitcoin-segwit-address",
      label: "CRYPTO_WALLET",
      title: "Bitcoin address in bech32",
      origin: "https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki",
      pattern: `${START}(?:bc1|BC1|tb1|ltc1)[A-Za-z0-9]{8,87}${END}`,
      validator: bech32,
      positive: ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"],
      negative: ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"],
    },
    {
      name: "ethereum-address",
      label: "CRYPTO_WALLET",
      title: "Ethereum address",
      origin: "https://eips.ethereum.org/EIPS/eip-55",
      pattern: `${START}0x[a-fA-F0-9]{40}${END}`,
      positive: ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
      negative: ["0x5aAeb6053F3E94C9"],
    },
    {
      name: "other-wallet-address",
      label: "CRYPTO_WALLET",
      title: "Address of Ripple, Tron, Dogecoin, Cardano, Monero or Stellar",
      origin: "https://xrpl.org/docs/concepts/accounts/addresses",
      pattern: `${START}(?:[rTD]${BASE58}{32,33}|addr1[a-z0-9]{50,98}|4[0-9AB]${BASE58}{93}|G[A-Z2-7]{55})${END}`,
      validator: secretValue("drawn"),
      positive: ["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"],
      negative: ["ThisIsAVeryLongIdentifierOfWordsOk"],
    },
  ],
);
