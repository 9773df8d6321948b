/** The part of the schema that says who may ask what, and under which obligations: policies. */

import { z } from "zod";
import { count, days, duration, list, name, text } from "./leaf.ts";

/** A pattern longer than this is data; the engine's own limit is the same. */
const maxPatternLength = 20_000;

const pattern = z.string().min(1, "must not be empty").max(maxPatternLength, `must be at most ${maxPatternLength} characters`);

/** Names of operations are exact, so that nobody grants by accident what does not exist yet. */
const operation = text.refine((value) => !value.includes("*"), "must be the exact name of an operation, without *");

const timeWindow = z.strictObject({
  days: list(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .optional()
    .describe("Absent: every day."),
  from: text.describe("HH:MM."),
  to: text.describe("HH:MM; not later than `from`: on the next day."),
  zone: text.prefault("UTC").describe("An IANA time zone: Europe/Berlin."),
});

const match = z
  .strictObject({
    groups: list(text).optional().describe("Groups, any of which the caller is in."),
    identities: list(text).optional().describe("Configured identities by name, subjects as ISSUER/SUBJECT or bare, and `anonymous`."),
    connections: list(name).optional().describe("Connections by name."),
    models: list(text).optional().describe("Globs of models: `*` stands for any text."),
    operations: list(operation).optional().describe("Exact names of operations. Absent: every inference operation, and nothing else."),
    kinds: list(z.enum(["human", "ci", "service", "agent"]))
      .optional()
      .describe("Kinds of identity."),
    times: list(timeWindow).optional().describe("Weekly windows, in any of which the call must come."),
    networks: list(text).optional().describe("CIDR ranges, in any of which the caller's address must lie."),
    expression: text
      .optional()
      .describe(
        "A CEL expression that must hold: request.{model, operation, connection, features, tools}, identity.{name, kind, issuer, subject, email, groups}, source.",
      ),
  })
  .prefault({})
  .describe("What the policy applies to: keys are AND, the values of a key OR, an absent key matches all.");

const limits = z
  .strictObject({
    promptTokens: count.optional().describe("The most tokens a prompt may have."),
    outputTokens: count
      .optional()
      .describe(
        "The most tokens an answer may have, all of its choices together: what is asked of the model is capped, and the answer cut there.",
      ),
    requestsPerMinute: count.optional().describe("Requests in a minute, over all replicas."),
    tokensPerDay: count.optional().describe("Tokens of prompts and answers in a day (UTC), over all replicas."),
    per: z.enum(["identity", "group", "connection"]).default("identity").describe("Whom or what requestsPerMinute and tokensPerDay count."),
  })
  .describe("Limits; of several policies the smallest counts.");

/** `weir topics` says what each finds. */
const topicNames = "data-export, credentials, code-execution, regulated-data";

const prompts = z
  .strictObject({
    deny: z.array(pattern).default([]).describe("Patterns that no text of a user, a system prompt or a tool may match."),
    allow: z.array(pattern).default([]).describe("Where not empty, patterns of which each user text must match one."),
    topics: z.array(name).default([]).describe(`Topics that no such text may be about: ${topicNames}.`),
  })
  .describe("Prompt rules: JavaScript patterns, a leading (?i) allowed, and topics. A guard rail, not a boundary.");

const answers = z
  .strictObject({
    deny: z
      .array(pattern)
      .default([])
      .describe("Patterns that stop an answer: nothing that one matches reaches the caller, nor what would follow."),
    keywords: z.array(text).default([]).describe("Words that stop an answer; whole words in any case."),
    mask: z.array(pattern).default([]).describe("Patterns whose matches are replaced by [WITHHELD]."),
  })
  .describe(
    "Rules about answers: JavaScript patterns, a leading (?i) allowed, on every surface by which a model's text reaches the caller.",
  );

const tools = z
  .strictObject({
    allow: list(text).default(["*"]).describe("Globs of tools that a request may offer and the model may call. Absent: any."),
    deny: z.array(text).default([]).describe("Globs of those among them that it may not."),
  })
  .describe(
    "Tools by name; a tool must be allowed by every policy that speaks of tools. Tools that a provider runs need their name in match.operations.",
  );

const when = z
  .strictObject({
    keywords: list(text).optional().describe("Words, any of which asks for approval; whole words in any case."),
    topics: list(name).optional().describe(`Topics, any of which asks for approval: ${topicNames}.`),
    promptTokensOver: count.optional().describe("More prompt tokens than this ask for approval."),
    expression: text.optional().describe("A CEL expression over what match.expression knows, and prompt.tokens."),
  })
  .refine((value) => Object.keys(value).length > 0, "must have a condition; leave `when` out to ask always")
  .describe("What asks for approval: any of these. Absent: always.");

const reviewers = z
  .strictObject({
    groups: list(text).describe("Groups whose members may decide."),
    count: count.default(1).describe("How many must agree."),
  })
  .describe("Who decides; never the caller.");

const expires = duration().prefault("15m").describe("How long a request waits.");

const dayMs = 86_400_000;

const tokens = z
  .strictObject({
    lifetime: duration(dayMs)
      .optional()
      .describe("The longest that such a token may live; 15m is usual, 1h the most where no policy says."),
    approval: z
      .union([z.literal(true), z.strictObject({ reviewers, expires })], { error: "must be true, or { reviewers, expires }" })
      .optional()
      .describe("Issuing one waits for a person. true: who decides on the policy's calls."),
  })
  .refine((value) => Object.keys(value).length > 0, "must say something; leave `tokens` out instead")
  .describe("Terms of tokens that would reach what this policy is about; of several policies the shortest life and every approval.");

const approval = z
  .strictObject({ when: when.optional(), reviewers, expires })
  .describe("A person must agree first: the call is held until then.");

const keepLast = z.strictObject({ keepLast: count.describe("Characters kept; never more than a third.") });
const hash = z.strictObject({
  hash: z
    .literal(true)
    .describe("A pseudonym, the same for the same secret, under a key derived from encryptionKey. Only for secrets of 64 bits and more."),
});

const custom = z.strictObject({
  name: name.describe("What the label is made of: project-code becomes [PROJECT_CODE]."),
  regex: pattern.describe("A JavaScript pattern; a group named `secret` masks only that group."),
  replace: z
    .union([text, keepLast, hash], { error: "must be a text, { keepLast: N } or { hash: true }" })
    .optional()
    .describe("What stands instead: a text, { keepLast: N }, or { hash: true }. Absent: the label."),
});

const mask = z
  .strictObject({
    response: z.array(name).default([]).describe("Packs or single detectors, towards the caller."),
    request: z.array(name).default([]).describe("Packs or single detectors, towards the upstream."),
    custom: z.array(custom).default([]).describe("Detectors of your own, for both directions."),
    keys: z.array(text).default([]).describe("JSON keys and paths, for both directions: ssn, $.patient.*.dob."),
    onUnmaskable: z.enum(["refuse", "pass"]).default("refuse").describe("What happens to content that the gateway cannot read."),
  })
  .describe("What is masked, exactly, in the live stream.");

const level = z.enum(["masked", "metadata", "none"]);

const record = z
  .strictObject({
    request: level.default("masked").describe("How much of requests is recorded."),
    response: level.default("masked").describe("How much of answers is recorded."),
    retention: days.prefault("90d").describe("How long it is kept."),
  })
  .prefault({})
  .describe("What is recorded; of several policies the most, and the longest.");

/** One policy. */
export const policy = z
  .strictObject({
    name: name.describe("Unique; what decisions and records call it."),
    match,
    effect: z.enum(["allow", "deny"]).describe("Nothing matches: denied. Any deny wins."),
    mode: z
      .enum(["enforce", "observe"])
      .default("enforce")
      .describe("observe: the policy changes nothing, and the record says what it would have done."),
    limits: limits.optional(),
    prompts: prompts.optional(),
    answers: answers.optional(),
    tools: tools.optional(),
    tokens: tokens.optional(),
    approval: approval.optional(),
    mask: mask.optional(),
    record,
  })
  .describe("Who may ask what, and under which obligations.");
