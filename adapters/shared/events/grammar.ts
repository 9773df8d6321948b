/** What an API says of its streams: which table reads which event, which texts run on from event to event, and where they end. */

import type { TokenUsage } from "../../../src/envelope/message.ts";
import type { Author, Closing, Lane, Syntax } from "../../../src/envelope/text.ts";
import type { FramedMessage } from "../frame.ts";
import type { FoundField, FoundText } from "../locate.ts";
import type { PlaceTable } from "../place.ts";

/** How the events of one type are read. */
export interface EventTable {
  readonly places: PlaceTable;
  /** Whether numbers that the table does not name are texts: where nobody has described the event. */
  readonly numbers: boolean;
  /** Whether the event tells the caller that the call has ended; nothing of what follows is read. */
  readonly ends: boolean;
}

/** What a parsed event told. */
export interface EventFacts {
  /** What the grammar's type member says; undefined where it has none. */
  readonly type: string | undefined;
  /** The data as JSON. */
  readonly document: string;
  readonly fields: readonly FoundField[];
  readonly texts: readonly FoundText[];
}

/** A message of our own that bears only text: what stands before the text inside its JSON string, and after it. */
export interface Carrier {
  readonly before: string;
  readonly after: string;
  readonly author: Author;
  readonly syntax: Syntax;
  /** The text is shown to the core but stands nowhere on the wire: of lanes that copy another, whose end nobody is told when a stream breaks. */
  readonly unsaid?: boolean;
}

/** Whether an event may be read when it comes. */
export type Bearing =
  /** It may, unless events before it wait. */
  | "none"
  /** It ends something, and only a later event tells how: it waits. */
  | "asks"
  /** It tells what those before it wait for. */
  | "answers"
  | "answers-and-asks";

/**
 * One stream's grammar; it has the stream's state. For each event the reader asks, in this order: {@link bearing}, {@link tableOf}, {@link laneOf} for each
 * text of a place of scope `stream`, {@link isCut} for each other text, {@link closings}.
 */
export interface StreamGrammar {
  /** The member of each event's JSON that names its type; undefined: the events are all of one kind. */
  readonly typeMember: string | undefined;
  /** Data that is no JSON and ends the stream (`[DONE]`); undefined: there is none. */
  readonly lastWord: string | undefined;
  /** What to say of a stream that broke off before an event that ends it; undefined: any end will do. */
  readonly unended: string | undefined;
  /** Whether a line of a kind that the format does not know is refused; else it is text. */
  readonly strictLines: boolean;
  tableOf(type: string | undefined): EventTable;
  /** Whether a string is one of the API's own words. */
  isWord(text: string): boolean;
  usageOf(facts: EventFacts): TokenUsage | undefined;
  /** The lane of a running text, remembered as open; undefined: it closes with its event. */
  laneOf(found: FoundText, facts: EventFacts): Lane | undefined;
  /** The lane of a text that closes with its event, where it is another than its table names; asked in the event's order. */
  laneIn?(found: FoundText, facts: EventFacts): Lane | undefined;
  /** Whether generation was cut at the end of a text that closes with its event. */
  isCut(found: FoundText, facts: EventFacts): boolean;
  /** The running lanes that end with the event. */
  closings(facts: EventFacts): readonly Closing[];
  /**
   * A message for text of a running lane that was held until now; `like` as in StreamCodec. `passes`: whether a string may be said unread. undefined: no such
   * lane.
   */
  carrier(lane: Lane, like: FramedMessage, passes: (text: string) => boolean): Carrier | undefined;
  /** Whether a running lane repeats what others say. Absent: none does. */
  isCopy?(lane: Lane): boolean;
  /** Told each message as it goes on, where the answer is limited: what {@link endAtLimit} may have to repeat. Absent: nothing. */
  told?(message: FramedMessage): void;
  /**
   * Events that end the stream as one that has reached the most tokens it may have, the last of which ends it; `like` and `passes` as in {@link carrier}. Absent, or
   * undefined: the API has no word for it.
   */
  endAtLimit?(like: FramedMessage, usage: TokenUsage, passes: (text: string) => boolean): readonly string[] | undefined;
  /** Grows whenever what was learned of earlier events may no longer hold for equal ones. */
  readonly epoch: number;
  /** Absent: every event may be read when it comes. Asked for events that were not read by comparing. */
  bearing?(event: string): Bearing;
}
