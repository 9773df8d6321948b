/** Who is told of what; the composition root hands it in. */

import type { buildConnector } from "undici";

/** What happens that people may want to know at once. */
export const eventTypes = [
  "approval.opened",
  "call.blocked",
  "credential.masked",
  "credential.revoked_used",
  "access.changed",
  "configuration.changed",
] as const;
export type EventType = (typeof eventTypes)[number];

/** A secret that does not print itself. */
export interface Sealed {
  reveal(): string;
}

export interface TargetSettings {
  readonly name: string;
  readonly kind: "webhook" | "slack";
  /** Where messages are posted to; Slack's addresses are secrets. */
  readonly url: Sealed;
  /** Of webhooks: what their signature is made with, `whsec_` and base64 (Standard Webhooks). */
  readonly secret: Sealed | undefined;
  readonly events: readonly EventType[];
}

/** Where targets may lie: what is checked is the address that is dialled. */
export interface TargetNetwork {
  /** What undici dials with. `timeout`: milliseconds until connected, TLS included. */
  readonly connector: (timeout: number) => buildConnector.connector;
}

/** How rarely something is told. Each process counts for itself. */
export interface Rarely {
  /** What is the same: told where any of it has not been told of for a while. */
  readonly keys: readonly string[];
  /** Milliseconds. */
  readonly everyMs: number;
}

/** Something that happened. INVARIANT: `data` holds no secret and no text of a call. */
export interface NotificationEvent {
  readonly type: EventType;
  /** One sentence for people. */
  readonly sentence: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where something can be done about it. */
  readonly link?: string;
  /** Of what callers can cause as often as they like: told once in a while, with how often it happened since (`data.count`). */
  readonly rarely?: Rarely;
}
