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

export class Metrics {
  readonly #registry = new Registry();
  readonly #calls: Counter<"connection" | "outcome">;
  readonly #seconds: Histogram<"connection">;
  readonly #masked: Counter<"connection" | "direction">;
  readonly #tokens: Counter<"connection" | "direction">;
  readonly #open: Gauge;
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
    this.#open = new Gauge({ name: "weir_calls_open", help: "Calls under way.", registers });
  }

  /** Sets the names that may be labels, whenever the configuration changes. */
  set connections(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  callBegan(): void {
    this.#open.inc();
  }

  callEnded({ connection, outcome, seconds, tokens }: CallFigures): void {
    const name = this.#nameOf(connection);
    this.#open.dec();
    this.#calls.inc({ connection: name, outcome: outcomeOf(outcome) });
    this.#seconds.observe({ connection: name }, seconds);
    if (tokens === undefined) return;
    this.#tokens.inc({ connection: name, direction: "request" }, tokens.input);
    this.#tokens.inc({ connection: name, direction: "response" }, tokens.output);
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
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #nameOf(connection: string | undefined): string {
    return connection !== undefined && this.#names.has(connection) ? connection : otherName;
  }
}
