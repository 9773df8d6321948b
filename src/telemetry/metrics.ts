/** Figures about the gateway for Prometheus. Labels come from configured names and closed lists only: no caller can make a new series. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Reason, rulings } from "../envelope/error.ts";

/** Seconds: from a refusal in memory to an answer of fifteen minutes. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
/** What every name that is not configured is counted under. */
const otherName = "other";

/** How a call ended, as a label: answered, or the reason that stopped it. */
export type OutcomeLabel = "answered" | Reason;

export interface CallFigures {
  /** The connection's name, as far as it was found. */
  readonly connection: string | undefined;
  readonly outcome: OutcomeLabel;
  readonly seconds: number;
  /** Tokens as the upstream counted them. */
  readonly tokens?: { readonly input: number; readonly output: number } | undefined;
}

/** What the journal tells when it is asked. */
export interface JournalFigures {
  /** Bytes written and not yet shipped to the database. */
  readonly backlogBytes: number;
}

const outcomeOf = (outcome: string): string => (outcome === "answered" || Object.hasOwn(rulings, outcome) ? outcome : otherName);

/** What has been counted of a connection since the page was last read: finding a series by its labels costs more than a call has to spend on being counted. */
interface Tally {
  readonly outcomes: Map<string, number>;
  readonly labels: { readonly connection: string };
  input: number;
  output: number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<"connection" | "outcome">;
  readonly #seconds: Histogram<"connection">;
  readonly #masked: Counter<"connection" | "direction">;
  readonly #tokens: Counter<"connection" | "direction">;
  readonly #tallies = new Map<string, Tally>();
  #open = 0;
  #names: ReadonlySet<string> = new Set();

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#calls = new Counter({
      name: "weir_calls_total",
      help: "Calls that ended, by connection and outcome.",
      labelNames: ["connection", "outcome"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "weir_call_duration_seconds",
      help: "Seconds from a call's head to the end of its answer.",
      labelNames: ["connection"],
      buckets: durationBuckets,
      registers,
    });
    this.#masked = new Counter({
      name: "weir_masked_texts_total",
      help: "Texts that masking changed.",
      labelNames: ["connection", "direction"],
      registers,
    });
    this.#tokens = new Counter({
      name: "weir_tokens_total",
      help: "Tokens as upstreams counted them.",
      labelNames: ["connection", "direction"],
      registers,
    });
    const open: Gauge = new Gauge({
      name: "weir_calls_open",
      help: "Calls under way.",
      registers,
      collect: (): void => open.set(this.#open),
    });
  }

  /** Sets the names that may be labels, whenever the configuration changes. */
  set connections(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  callBegan(): void {
    this.#open += 1;
  }

  callEnded({ connection, outcome, seconds, tokens }: CallFigures): void {
    const tally = this.#tallyOf(connection);
    const label = outcomeOf(outcome);
    this.#open -= 1;
    tally.outcomes.set(label, (tally.outcomes.get(label) ?? 0) + 1);
    tally.input += tokens?.input ?? 0;
    tally.output += tokens?.output ?? 0;
    this.#seconds.observe(tally.labels, seconds);
  }

  /** Counts texts that masking changed on their way. */
  masked(connection: string, direction: "request" | "response", texts: number): void {
    if (texts > 0) this.#masked.inc({ connection: this.#nameOf(connection), direction }, texts);
  }

  /** Asks the journal whenever the figures are read. */
  watchJournal(figures: () => JournalFigures): void {
    const gauge: Gauge = new Gauge({
      name: "weir_journal_backlog_bytes",
      help: "Bytes of the journal not yet shipped to the database.",
      registers: [this.#registry],
      collect: (): void => gauge.set(figures().backlogBytes),
    });
  }

  /** The page that Prometheus reads. */
  async page(): Promise<{ readonly contentType: string; readonly text: string }> {
    for (const tally of this.#tallies.values()) this.#count(tally);
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  /** Moves what a tally holds into the series that the page is made of. */
  #count(tally: Tally): void {
    const { connection } = tally.labels;
    for (const [outcome, calls] of tally.outcomes) this.#calls.inc({ connection, outcome }, calls);
    tally.outcomes.clear();
    if (tally.input > 0) this.#tokens.inc({ connection, direction: "request" }, tally.input);
    if (tally.output > 0) this.#tokens.inc({ connection, direction: "response" }, tally.output);
    tally.input = 0;
    tally.output = 0;
  }

  #tallyOf(connection: string | undefined): Tally {
    const name = this.#nameOf(connection);
    let tally = this.#tallies.get(name);
    if (tally === undefined) {
      tally = { outcomes: new Map(), labels: { connection: name }, input: 0, output: 0 };
      this.#tallies.set(name, tally);
    }
    return tally;
  }

  #nameOf(connection: string | undefined): string {
    return connection !== undefined && this.#names.has(connection) ? connection : otherName;
  }
}
