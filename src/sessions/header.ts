/** The headers of events: what the record says in the clear, for lists and for whoever verifies. Texts never stand here. */

import type { Consent, MaskedBy, Outcome, RecordedCall, RequestRecord } from "../enforcement/ports.ts";
import type { Principal } from "../envelope/call.ts";
import type { TokenUsage } from "../envelope/message.ts";

/** What every header says. Times are milliseconds since the epoch. */
export interface EventHead {
  readonly session: string;
  readonly seq: number;
  readonly started: number;
  readonly at: number;
}

/** What the first event of a session says besides: who calls, from where, for what. */
export interface Opening {
  readonly surface: string;
  readonly operation: string;
  readonly class: string;
  readonly remote: string;
  readonly principal: Principal | undefined;
  readonly keepDays: number;
}

/** What the decision stage said. */
interface Decided {
  readonly connection: string;
  readonly model: string | undefined;
  readonly effect: "allow" | "deny";
  readonly rules: readonly string[];
  readonly sentence: string;
  readonly policy: string;
  readonly level: string;
  /** What people agreed to; absent where nobody was asked. */
  readonly approvals?: readonly Consent[];
}

/** When and how the answer began. */
export interface AnswerStart {
  readonly status: number;
  readonly at: number;
  readonly level: string;
}

interface Ending {
  readonly outcome: "answered" | "stopped" | "interrupted";
  readonly status?: number;
  readonly reason?: string;
  readonly note?: string;
  readonly usage?: TokenUsage;
  /** The detectors that masked something for its reader, by direction. */
  readonly masked?: MaskedBy;
  readonly answer?: AnswerStart;
}

/** What a header says besides, by kind. The first event of a session has an opening. */
export type EventDetails =
  | { readonly kind: "requested"; readonly opening: Opening; readonly decided: Decided }
  /** Later messages of a request stream. */
  | { readonly kind: "asked" }
  | { readonly kind: "segment" }
  | { readonly kind: "ended"; readonly opening?: Opening; readonly end: Ending }
  | { readonly kind: "interrupted"; readonly end: Ending };

/** The data key that seals an event's body, and the body's bytes. */
interface SealedBody {
  readonly key: string;
  readonly bytes: number;
}

/** A header as JSON. Put together from parts: this runs for every event, and an object made only to be serialised costs more than all of it. */
export const headerJson = ({ session, seq, started, at }: EventHead, details: EventDetails, body: SealedBody | undefined): string => {
  const sealed = body === undefined ? "" : `,"key":"${body.key}","bytes":${body.bytes}`;
  return `{"v":1,"session":${JSON.stringify(session)},"seq":${seq},"started":${started},"at":${at}${sealed},${JSON.stringify(details).slice(1)}`;
};

/** How long names that callers choose may be here, UTF-16 code units: indexes hold them. */
const longestName = 256;

/** PostgreSQL's jsonb takes neither NUL nor lone surrogates, and no list should show control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unclean = /[\u0000-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A string that any database takes, cut to `longest`. */
const clean = (text: string, longest = longestName): string => {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replace(unclean, "\ufffd");
};

const cleaned = new WeakMap<Principal, Principal>();

/** A principal as recorded. One object serves many calls of one caller, so what was cleaned is kept beside it. */
const recordedPrincipal = (principal: Principal): Principal => {
  let known = cleaned.get(principal);
  if (known === undefined) {
    const { kind, issuer, subject, name, email, groups } = principal;
    const texts = {
      issuer: clean(issuer),
      subject: clean(subject),
      name: clean(name),
      email: email === undefined ? undefined : clean(email),
    };
    known = { kind, ...texts, groups: groups.map((group) => clean(group)) };
    cleaned.set(principal, known);
  }
  return known;
};

/** Kept without a policy that says how long: refusals that came before any decision. */
const undecidedDays = 90;

export const openingOf = (call: RecordedCall, principal: Principal | undefined, keepDays = undecidedDays): Opening => ({
  surface: call.surface,
  operation: clean(call.operation.name),
  class: call.operation.class,
  remote: clean(call.remoteAddress),
  principal: principal === undefined ? undefined : recordedPrincipal(principal),
  keepDays,
});

const longestSentence = 2_000;

const recordedConsent = ({ approval, forTime, by }: Consent): Consent => ({
  approval,
  forTime,
  by: by.map(({ issuer, subject, name }) => ({ issuer: clean(issuer), subject: clean(subject), name: clean(name) })),
});

export const decidedOf = ({ connection, model, decision, policyRevision, consents = [], level }: RequestRecord): Decided => ({
  connection: clean(connection),
  model: model === undefined ? undefined : clean(model),
  effect: decision.effect,
  rules: decision.rules.map((rule) => clean(rule)),
  sentence: clean(decision.sentence, longestSentence),
  policy: policyRevision,
  level,
  ...(consents.length === 0 ? {} : { approvals: consents.map(recordedConsent) }),
});

/** An error's cause and message stay out: both may quote what was sent. */
export const endingOf = (outcome: Outcome, answer: AnswerStart | undefined): Ending => {
  const usage = outcome.usage === undefined ? {} : { usage: { input: outcome.usage.input, output: outcome.usage.output } };
  const begun = answer === undefined ? {} : { answer };
  const masked = outcome.masked === undefined ? {} : { masked: outcome.masked };
  const error = outcome.kind === "stopped" ? outcome.error : undefined;
  const notes = [...(error?.note === undefined ? [] : [error.note]), ...(outcome.notes ?? [])].join(" ");
  const said = notes === "" ? {} : { note: clean(notes, longestSentence) };
  if (outcome.kind === "answered") return { outcome: "answered", status: outcome.status, ...said, ...usage, ...masked, ...begun };
  const { reason, ruling } = outcome.error;
  return { outcome: "stopped", reason, status: ruling.http, ...said, ...usage, ...masked, ...begun };
};
