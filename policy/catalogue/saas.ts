/** Other services with keys of their own shape. */

import { type CatalogueEntry, credentials } from "./entry.ts";
import { APART, apart, END, key } from "./pattern.ts";
import { alnum, base64, digits, hex, lower, upper, url64, uuid } from "./sample.ts";

const UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}";

const UUID_VALUE =
  "(?:s|[a-z0-9_]{0,11}[a-ce-z0-9_])?[\"'`\\])]{0,2}[ \\t]{0,4}(?:[-=:!?.|>,(]{0,4}[=:>,(])?[\\s]{0,8}[\"'`\\\\]{0,2}(?<![a-z0-9])(?<secret>[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12})(?![a-z0-9-])";

export const saas: readonly CatalogueEntry[] = credentials("saas", [
  {
    name: "sentry-token",
    title: "Sentry token",
    origin: "https://docs.sentry.io/account/auth-tokens/",
    pattern: key("sntrys_[A-Za-z0-9+/=_-]{60,400}|sntry[ui]_[a-f0-9]{64}"),
    positive: [`sntrys_eyJpYXQiO${base64(120)}_${base64(43)}`, `sntryu_${hex(64)}`],
    negative: ["sntryu_short", `sntryu_${"a".repeat(64)}`],
  },
  {
    name: "sentry-dsn",
    title: "Key in a Sentry DSN",
    origin: "https://docs.sentry.io/concepts/key-terms/dsn-explainer/",
    pattern: "(?<![A-Za-z0-9])https://(?<secret>[0-9a-f]{32}(?::[0-9a-f]{32})?)@[A-Za-z0-9.-]{1,100}/\\d{1,20}",
    positive: [`https://«${hex(32)}»@o1.ingest.example.io/12345`],
    negative: ["https://sentry.io/12345"],
  },
  {
    name: "grafana-token",
    title: "Grafana token",
    origin: "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    pattern: key("glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,400}={0,3}|eyJrIjoi[A-Za-z0-9]{60,400}={0,3}"),
    positive: [`glsa_${alnum(32)}_${hex(8)}`, `glc_${base64(80)}`],
    negative: ["glsa_short", `glc_${"1".repeat(42)}=`],
  },
  {
    name: "dynatrace-token",
    title: "Dynatrace token",
    origin: "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication",
    pattern: `${key("dt0[a-z]\\d\\d\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{64}")}${END}`,
    positive: [`dt0c01.${upper(24)}.${upper(64)}`],
    negative: ["dt0c01.short"],
  },
  {
    name: "newrelic-key",
    title: "New Relic key",
    origin: "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    pattern: `(?:${apart("[a-f0-9]{36}(?:NRAL|FFFF)")}|${key("NR(?:AK|RA)-[A-Za-z0-9]{27}|NRI[IQ]-[A-Za-z0-9_-]{25,40}|NR(?:JS|BR)-[a-f0-9]{19}|NRAA-[a-f0-9]{27}|eu01x[a-f0-9x]{26,36}(?:NRAL)?|px-(?:dep|api)-[0-9a-f-]{36}")})${END}`,
    positive: [`NRAK-${upper(27)}`, `${hex(36)}NRAL`, `NRII-${url64(32)}`],
    negative: ["NRAK-short"],
  },
  {
    name: "airtable-token",
    title: "Airtable personal access token",
    origin: "https://airtable.com/developers/web/guides/personal-access-tokens",
    pattern: `${key("pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}")}${END}`,
    positive: [`pat${alnum(14)}.${hex(64)}`],
    negative: ["patterns.abc"],
  },
  {
    name: "workplace-token",
    title: "Token of Notion, Linear, Figma, Frame.io, Typeform, Contentful, ReadMe, ClickUp, Todoist or Miro",
    origin: "https://developers.notion.com/docs/authorization",
    pattern: key(
      "ntn_[A-Za-z0-9]{40,50}(?![A-Za-z0-9])|secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])|lin_(?:api|oauth)_[A-Za-z0-9]{40,64}|fig[dour]{1,2}_[A-Za-z0-9_-]{40,60}|fio-u-[A-Za-z0-9=_-]{64}|tfp_[A-Za-z0-9=_.-]{44,59}|CFPAT-[A-Za-z0-9_-]{43}|rdme_[a-z0-9]{70}|pk_\\d{6,10}_[A-Z0-9]{32}",
    ),
    positive: [`ntn_${alnum(46)}`, `secret_${alnum(43)}`, `lin_api_${alnum(40)}`, `figd_${url64(40)}`, `CFPAT-${url64(43)}`],
    negative: ["ntn_short", "secret_of_the_day"],
  },
  {
    name: "postman-key",
    title: "Postman API key",
    origin: "https://learning.postman.com/docs/developer/postman-api/authentication/",
    pattern: `${key("PMA[KT]-[a-f0-9]{24}-[a-f0-9]{34}|PMAT-[A-Z0-9]{26}")}${END}`,
    positive: [`PMAK-${hex(24)}-${hex(34)}`],
    negative: ["PMAK-short"],
  },
  {
    name: "onepassword-key",
    title: "1Password secret key or service account token",
    origin: "https://developer.1password.com/docs/service-accounts/",
    pattern: key(
      "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-(?:[A-Z0-9]{5}-){2}[A-Z0-9]{5}|ops_eyJ[A-Za-z0-9+/_-]{150,}={0,3}",
    ),
    positive: [`A3-${upper(6)}-${upper(6)}-${upper(5)}-${upper(5)}-${upper(5)}-${upper(5)}`, `ops_eyJ${base64(250)}`],
    negative: ["A3-PAPER", `ops_eyJ${"x".repeat(250)}`],
  },
  {
    name: "tailscale-key",
    title: "Tailscale or Defined Networking key",
    origin: "https://tailscale.com/kb/1277/key-prefixes",
    pattern: key("tskey-(?:[a-z]{2,10}-)?[A-Za-z0-9]{5,20}(?:CNTRL)?-[A-Za-z0-9]{8,60}|dnkey-[A-Za-z0-9=_-]{20,30}-[A-Za-z0-9=_-]{52}"),
    positive: [`tskey-auth-${alnum(12)}-${alnum(24)}`],
    negative: ["tskey-auth"],
  },
  {
    name: "okta-token",
    title: "Okta API token",
    origin: "https://developer.okta.com/docs/guides/create-an-api-token/main/",
    pattern: "(?<![A-Za-z0-9_=-])00[A-Za-z0-9_=-]{40}(?![A-Za-z0-9_=-])",
    positive: [`SSWS «00${url64(40)}»`],
    negative: ["00-short"],
  },
  {
    name: "hubspot-token",
    title: "HubSpot private app token",
    origin: "https://developers.hubspot.com/docs/api/private-apps",
    pattern: key(`pat-(?:na|eu|ap)\\d-${UUID}`),
    positive: [`pat-na1-${uuid()}`],
    negative: ["pat-na1-short"],
  },
  {
    name: "launchdarkly-key",
    title: "LaunchDarkly key",
    origin: "https://docs.launchdarkly.com/home/account/api",
    pattern: key(`(?:api|sdk|mob)-${UUID}`),
    positive: [`sdk-${uuid()}`],
    negative: ["sdk-version"],
  },
  {
    name: "dropbox-token",
    title: "Dropbox token",
    origin: "https://developers.dropbox.com/oauth-guide",
    pattern: `${key("sl\\.(?:u\\.)?[A-Za-z0-9_=-]{100,}")}|${apart("[a-z0-9]{11}AAAAAAAAAA[a-z0-9_=-]{43}")}`,
    positive: [`sl.${url64(140)}`],
    negative: ["sl.exe"],
  },
  {
    name: "mapping-key",
    title: "Token of Mapbox or ArcGIS",
    origin: "https://docs.mapbox.com/help/getting-started/access-tokens/",
    pattern: `${key("[pst]k\\.[A-Za-z0-9_-]{50,120}\\.[A-Za-z0-9_-]{20,24}|AAPK[A-Za-z0-9_-]{60,120}")}${END}`,
    positive: [`sk.eyJ1${alnum(60)}.${alnum(22)}`],
    negative: ["pk.example.com"],
  },
  {
    name: "infrastructure-key",
    title:
      "Key of Infracost, Octopus Deploy, Harness, Adobe, Scalingo, SettleMint, Confluent, ClickHouse, PubNub, Prefect, Kraken or ngrok",
    origin: "https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/",
    pattern: `${key(
      `ico-[A-Za-z0-9]{32}|API-[A-Z0-9]{25,32}|(?:pat|sat)\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}|p8e-[a-z0-9]{32}|s-s4t2(?:ud|af)-[a-f0-9]{64}|sm_(?:aat|pat|sat)_[A-Za-z0-9]{16}|4b1d[A-Za-z0-9]{38}|(?:sub|pub|sec)-c-[0-9a-z-]{32,50}|rpa_[A-Z0-9]{40,50}|cr_[a-z0-9]{40}|dg\\.[A-Za-z0-9_-]{40}|VF\\.(?:DM|WS)\\.[a-f0-9]{24}\\.[A-Za-z0-9]{16}|dp1_[A-Za-z0-9]{40}|tfe_[A-Za-z0-9]{40}|ATCTT[A-Za-z0-9_=-]{60}`,
    )}${END}`,
    positive: [`ico-${alnum(32)}`, `API-${upper(29)}`, `p8e-${hex(32)}`, `sm_pat_${lower(16)}`, `sub-c-${uuid()}`, `4b1d${alnum(38)}`],
    negative: ["API-REFERENCE", "ico-file"],
  },
  {
    name: "uuid-key-by-name",
    label: "SERVICE_KEY",
    title: "UUID behind the name of a service whose keys are UUIDs",
    origin: "https://devcenter.heroku.com/articles/platform-api-reference#authentication",
    pattern: `${APART}(?:heroku|postmark|snyk|scaleway|anypoint|codacy|airship|aiven)[a-z_. -]{0,16}${UUID_VALUE}`,
    flags: "i",
    positive: [`heroku_api_key = "«${uuid()}»"`, `scaleway SECRET «${uuid()}»`],
    negative: [`request id ${uuid()}`, `"keyId": "x"`, `Idempotency-Key: ${uuid()}`, `partitionKey = "${uuid()}"`],
  },
  {
    name: "numbered-token",
    label: "SERVICE_KEY",
    title: "Token of Intercom, Cisco Meraki, Nightfall, Shippo or Beamer",
    origin: "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication",
    pattern: key("dG9rO[A-Za-z0-9+/=_-]{40,60}|b_[A-Za-z0-9=_-]{44}(?![A-Za-z0-9=_-])|NF-[A-Za-z0-9]{32}"),
    positive: [`dG9rO${base64(48)}`, `NF-${alnum(32)}`],
    negative: [`NF-${digits(5)}`],
  },
  {
    name: "operations-key",
    label: "SERVICE_KEY",
    title:
      "Key of Adafruit, Ionic, Dependency-Track, Zoho, TrueNAS, Trello, StackHawk, Honeycomb, Statsig, Klaviyo, Zuplo, Deno, Neon, Aiven, PostHog, Rootly, MaxMind, Salesforce, Xendit, VK, Ghost, Riot or Brave",
    origin: "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
    pattern: `${key(
      "aio_[A-Za-z0-9]{28}|ion_[A-Za-z0-9]{42}|odt_[A-Za-z0-9]{32,45}|ATTA[a-f0-9]{72}|hawk\\.[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{20}|hc[a-z]ik_[a-z0-9]{58}|(?:secret|console)-[A-Za-z0-9]{43}|pk_[a-f0-9]{34}|zpka_[a-z0-9]{32}_[a-f0-9]{8}|dd[pw]_[A-Za-z0-9]{36}|napi_[a-z0-9]{64}|AVNS_[A-Za-z0-9_-]{19}|ph[cx]_[A-Za-z0-9]{40,50}|rootly_[a-f0-9]{64}|00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,260}|xnd_(?:production|development)_[A-Za-z0-9]{60,90}|vk1\\.a\\.[A-Za-z0-9_-]{100,300}|RGAPI-[a-f0-9-]{36}|BSA[A-Za-z0-9_-]{28}|AKLT[A-Za-z0-9]{40,60}|ALTAK[A-Za-z0-9]{21}|endr\\+[A-Za-z0-9-]{16}|ramp_(?:id|sec)_[A-Za-z0-9]{40,60}|vercel_blob_rw_[A-Za-z0-9_]{30,60}|su[A-Za-z0-9]{62}",
    )}${END}`,
    positive: [`aio_${alnum(28)}`, `ATTA${hex(72)}`, `hcaik_${lower(58)}`, `phc_${alnum(43)}`],
    negative: ["aio_short", "ion_channel"],
  },
  {
    name: "marked-key",
    label: "SERVICE_KEY",
    title: "Key of MaxMind, Ghost, Zoho, TrueNAS or Asana, known by its inner marks",
    origin: "https://dev.maxmind.com/license-key-validation-api",
    pattern: `${apart("[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|[a-f0-9]{24}:[a-f0-9]{64}|1000\\.[a-f0-9]{32}\\.[a-f0-9]{32}|\\d{1,3}-[A-Za-z0-9]{64}|[01]/\\d{13,19}(?:/\\d{13,19})?:[a-z0-9]{32}")}${END}`,
    positive: [`${hex(24)}:${hex(64)}`, `1/${digits(16)}:${lower(32)}`, `${alnum(6)}_${alnum(29)}_mmk`],
    negative: ["1/2:3", "12-abc"],
  },
  {
    name: "sumologic-access-id",
    title: "Sumo Logic access id",
    origin: "https://help.sumologic.com/docs/manage/security/access-keys/",
    pattern:
      "(?<![A-Za-z0-9])sumo(?:logic)?[_.-]?access[_.-]?(?:id|key)?[A-Za-z0-9_]{0,8}[\"'\\])]{0,2}[ \\t]{0,3}(?:=>|:=|[:=,])[ \\t]{0,3}[\"']?(?<secret>su[A-Za-z0-9]{12})(?![A-Za-z0-9])",
    flags: "i",
    positive: [`SUMO_ACCESS_ID = "«su${alnum(12)}»"`],
    negative: ['sumologic = "support"'],
  },
]);
