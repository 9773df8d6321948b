/** Payment and commerce. */

import { type CatalogueEntry, credentials } from "./entry.ts";
import { END, key } from "./pattern.ts";
import { alnum, hex, upper, url64, uuid } from "./sample.ts";

export const payment: readonly CatalogueEntry[] = credentials("payment", [
  {
    name: "stripe-key",
    title: "Stripe secret or restricted key, or webhook secret",
    origin: "https://docs.stripe.com/keys",
    pattern: `${key("(?:sk|rk|ek)_(?:live|test|prod|sandbox)_[A-Za-z0-9]{10,200}|whsec_[A-Za-z0-9+/=]{24,80}|sk_org_(?:live|test)_[A-Za-z0-9]{20,100}")}${END}`,
    positive: [`sk_live_${alnum(24)}`, `rk_test_${alnum(99)}`, `whsec_${alnum(32)}`],
    negative: ["pk_live_public", "task_test_abcdefghijklmnop"],
  },
  {
    name: "square-token",
    title: "Square token or secret",
    origin: "https://developer.squareup.com/docs/build-basics/access-tokens",
    pattern: key("sq0[a-z]{3}-[A-Za-z0-9_\\\\-]{22,50}|EAAA[A-Za-z0-9_-]{58,64}"),
    positive: [`sq0atp-${url64(22)}`, `sq0csp-${url64(43)}`],
    negative: ["sq0atp-short"],
  },
  {
    name: "shopify-token",
    title: "Shopify token or secret",
    origin: "https://shopify.dev/docs/apps/build/authentication-authorization",
    pattern: `${key("shp(?:at|ca|pa|ss|ua|tka|it)_[A-Za-z0-9]{32,64}")}${END}`,
    positive: [`shpat_${hex(32)}`],
    negative: ["shpat_short"],
  },
  {
    name: "paypal-token",
    title: "Production token of PayPal or Braintree",
    origin: "https://developer.paypal.com/braintree/docs/guides/authorization/overview",
    pattern: key("access_token\\$(?:production|sandbox)\\$[a-z0-9]{16}\\$[a-f0-9]{32}"),
    positive: [`access_token$production$${hex(16)}$${hex(32)}`],
    negative: ["access_token$production$none"],
  },
  {
    name: "plaid-token",
    title: "Plaid access token",
    origin: "https://plaid.com/docs/api/tokens/",
    pattern: `${key("(?:access|public|link)-(?:sandbox|development|production)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")}${END}`,
    positive: [`access-production-${uuid()}`],
    negative: ["access-production-only"],
  },
  {
    name: "payment-service-key",
    title: "Key of Razorpay, Flutterwave, Paystack, Adyen, GoCardless, Lob, EasyPost, Shippo, Duffel, Checkout.com or Paddle",
    origin: "https://developer.flutterwave.com/docs/authentication",
    pattern: key(
      "rzp_(?:live|test)_[A-Za-z0-9]{14,24}|FLW(?:PUB|SEC)K(?:_TEST|_LIVE)?-[A-Za-z0-9]{32}-X|FLWSECK(?:_TEST)?[A-Za-z0-9]{12,16}(?![A-Za-z0-9])|sk_(?:sbox_)?[a-z0-9]{26}\\*?|AQE[a-z0-9]hmf[A-Za-z0-9+/=]{60,300}|(?:live|sandbox)_[A-Za-z0-9=_-]{40,43}(?![A-Za-z0-9])|(?:live|test)_(?:pub_)?[a-f0-9]{31,35}(?![A-Za-z0-9])|EZ[AT]K[A-Za-z0-9]{54}|shippo_(?:live|test)_[a-f0-9]{40}|duffel_(?:live|test)_[A-Za-z0-9_=-]{43}|pdl_(?:live|sdbx)_apikey_[A-Za-z0-9_]{40,70}",
    ),
    positive: [`FLWSECK_TEST-${hex(32)}-X`, `rzp_live_${alnum(14)}`, `EZAK${alnum(54)}`, `live_pub_${hex(31)}`, `duffel_test_${url64(43)}`],
    negative: ["live_stream_of_the_day", `FLWPUBK-${upper(10)}`],
  },
]);
