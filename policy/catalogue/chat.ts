/** Chat, mail and messages. */

import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, credentials } from "./entry.ts";
import { apart, END, key, named } from "./pattern.ts";
import { alnum, digits, hex, upper, url64, uuid } from "./sample.ts";

export const chat: readonly CatalogueEntry[] = credentials("chat", [
  {
    name: "slack-token",
    title: "Slack token",
    origin: "https://api.slack.com/authentication/token-types",
    pattern: key(
      "xox[a-z]-(?:\\d{1,2}-)?(?:\\d{6,}[A-Za-z0-9-]{6,200}|[A-Za-z0-9]{24,300})|xox[ar]-(?:\\d-)?[A-Za-z0-9]{8,48}|xoxe\\.xox[bp]-\\d-[A-Za-z0-9]{40,300}|xapp-\\d-[A-Za-z0-9]{5,20}-\\d{5,20}-[a-f0-9]{20,100}|xwfp-[A-Za-z0-9-]{20,200}",
    ),
    positive: [
      `xoxb-${digits(12)}-${digits(13)}-${alnum(24)}`,
      `xapp-1-A${upper(10)}-${digits(13)}-${hex(64)}`,
      `xoxe.xoxp-1-${alnum(160)}`,
    ],
    negative: ["xoxb-my-bot-token", "xoxb-xxx"],
  },
  {
    name: "slack-webhook",
    title: "Slack incoming webhook or workflow address",
    origin: "https://api.slack.com/messaging/webhooks",
    pattern:
      "(?<![A-Za-z0-9])hooks\\.slack(?:-gov)?\\.com/(?<secret>(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{20,80})(?![A-Za-z0-9+/_-])",
    positive: [`https://hooks.slack.com/«services/T${upper(8)}/B${upper(8)}/${alnum(24)}»`],
    negative: ["https://hooks.slack.com/services/", `https://hooks.slack.com/services/T00000000/B00000000/${"X".repeat(24)}`],
  },
  {
    name: "discord-bot-token",
    title: "Discord bot token",
    origin: "https://discord.com/developers/docs/reference#authentication",
    pattern: key("[MNO][A-Za-z0-9_-]{22,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,42}|mfa\\.[A-Za-z0-9_-]{84}"),
    positive: [`MTE${url64(21)}.${url64(6)}.${url64(27)}`],
    negative: ["Module.exports.default"],
  },
  {
    name: "discord-webhook",
    title: "Discord webhook address",
    origin: "https://discord.com/developers/docs/resources/webhook",
    pattern: "(?<![A-Za-z0-9])discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/(?<secret>\\d{17,20}/[A-Za-z0-9_-]{60,70})",
    positive: [`https://discord.com/api/webhooks/«${digits(18)}/${url64(68)}»`],
    negative: ["https://discord.com/api/webhooks/id/token"],
  },
  {
    name: "telegram-bot-token",
    title: "Telegram bot token",
    origin: "https://core.telegram.org/bots/api#authorizing-your-bot",
    pattern: "(?<![A-Za-z0-9])(?:bot)?(?<secret>\\d{6,16}:A[A-Za-z0-9_-]{34})(?![A-Za-z0-9_-])",
    positive: [`«${digits(10)}:AA${url64(33)}»`, `api.telegram.org/bot«${digits(9)}:AA${url64(33)}»/getMe`],
    negative: ["12:30:Alarm"],
  },
  {
    name: "teams-webhook",
    title: "Microsoft Teams webhook address",
    origin: "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
    pattern:
      "(?<![A-Za-z0-9_.-])(?:[a-z0-9-]{1,40}\\.webhook\\.office\\.com/webhookb2|outlook\\.office(?:365)?\\.com/webhook)/(?<secret>[A-Za-z0-9-]{36}@[A-Za-z0-9-]{36}/IncomingWebhook/[A-Za-z0-9]{20,40}/[A-Za-z0-9-]{36}(?:/[A-Za-z0-9_-]{1,60})?)",
    flags: "i",
    positive: [`https://a.webhook.office.com/webhookb2/«${uuid()}@${uuid()}/IncomingWebhook/${hex(32)}/${uuid()}»`],
    negative: ["https://a.webhook.office.com/webhookb2/"],
  },
  {
    name: "chat-webhook",
    title: "Webhook address of Google Chat, Zapier, Tines, Make or IFTTT",
    origin: "https://developers.google.com/workspace/chat/quickstart/webhooks",
    pattern:
      "(?<![A-Za-z0-9_.-])(?:chat\\.googleapis\\.com/v1/spaces/[A-Za-z0-9_-]{5,30}/messages\\?key=(?<secret>[A-Za-z0-9_-]{30,45}&token=[A-Za-z0-9_%-]{20,80})|(?:hooks\\.zapier\\.com/hooks/catch|hook\\.[a-z0-9.]{0,8}make\\.com|maker\\.ifttt\\.com/(?:trigger/[a-z0-9_]{1,40}/with/key|use)|[a-z0-9-]{1,40}\\.tines\\.(?:com|io)/webhook)/(?<secret>[A-Za-z0-9/_-]{8,100}))",
    positive: [`https://hooks.zapier.com/hooks/catch/«1234567/${alnum(7)}/»`, `https://a-b.tines.com/webhook/«${hex(32)}/${hex(32)}»`],
    negative: ["https://hooks.zapier.com/"],
  },
  {
    name: "twilio-key",
    title: "Twilio account SID or API key",
    origin: "https://www.twilio.com/docs/iam/api-keys",
    pattern: `${key("(?:AC|SK)[a-f0-9]{32}")}${END}`,
    positive: [`SK${hex(32)}`, `AC${hex(32)}`],
    negative: ["SKU12345"],
  },
  {
    name: "mail-service-key",
    title: "Key of SendGrid, Mailgun, Mailchimp, Brevo, Resend, Postmark, Mailersend or Sendinblue",
    origin: "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
    pattern: `(?:${apart("[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}|[A-Za-z0-9]{32}-us\\d{1,2}")}|${key("SG\\.[A-Za-z0-9=_-]{20,24}\\.[A-Za-z0-9=_-]{39,50}|SG\\.[A-Za-z0-9=_.-]{66}|(?:pub)?key-[a-f0-9]{32}|x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}|mlsn\\.[a-f0-9]{64}")})${END}`,
    positive: [`SG.${url64(22)}.${alnum(43)}`, `key-${hex(32)}`, `${hex(32)}-us12`, `xkeysib-${hex(64)}-${alnum(16)}`],
    negative: ["SG.short.key", `${hex(32)}`],
  },
  {
    name: "chat-token-by-name",
    label: "CHAT_TOKEN",
    title: "Token of Discord, Telegram, Slack, Mattermost, Gitter, Twitter, Facebook, Instagram, LinkedIn or Twitch by its name",
    origin: "https://developers.mattermost.com/integrate/reference/personal-access-token/",
    pattern: named(
      "discord|telegr(?:am)?|slack|mattermost|gitter|twitter|facebook|fb|instagram|linkedin|twitch|messagebird|sendbird|twilio|mailgun|mailchimp",
      "[A-Za-z0-9%:=|_-]{14,120}",
    ),
    flags: "i",
    validator: secretValue("drawn"),
    positive: [`linkedinSecret = "«${alnum(16)}»"`, `TWITTER_BEARER=«${alnum(50)}»`],
    negative: ["twitter: followthisaccount", "facebook login"],
  },
  {
    name: "social-token",
    title: "Token of Facebook, Instagram, Twitter, Twitch or LinkedIn",
    origin: "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/",
    pattern: key(
      "EAA[A-Za-z0-9]{40,400}|IG(?:QV|AA)[A-Za-z0-9_-]{60,300}|\\d{15,16}(?:\\||%7C)[A-Za-z0-9_-]{27,40}|A{10,30}[A-Za-z0-9%]{60,120}|live_\\d{6,12}_[A-Za-z0-9]{30}|\\d{15,25}-[A-Za-z0-9]{20,40}(?![A-Za-z0-9-])",
    ),
    validator: secretValue("drawn"),
    positive: [`EAACEd${alnum(100)}`, `${digits(15)}|${url64(27)}`, `${digits(18)}-${alnum(40)}`],
    negative: ["EAAshort"],
  },
]);
