/** What reading one message has brought to light so far. */

import type { Visibility } from "../../../src/envelope/message.ts";
import type { Author, Lane, TextSpan } from "../../../src/envelope/text.ts";
import type { FieldRole } from "./plan.ts";
import { Unreadable } from "./wire.ts";

/** Texts of one message; what is honest has far fewer (a large batch of rows), and each costs some hundred bytes. */
const mostTexts = 100_000;
/** Parts of all their paths: texts deep inside messages cost more. */
const mostParts = 1_000_000;
/** Models named. More than one is a conflict already. */
const mostModels = 16;

/** A lane's name with what the reader must know of it. */
export interface NamedLane {
  readonly lane: Lane;
  /** Whether it runs on over the stream. */
  readonly joined: boolean;
}

/** A text found, and how it is to be shown. */
export interface Finding {
  readonly text: string;
  readonly path: readonly (string | number)[];
  readonly named: NamedLane;
  /** False for the keys of maps: a rule by key means the value below. */
  readonly keyed: boolean;
  /** Whether it is an element of a text tensor: what a model is asked or answers. */
  readonly tensor: boolean;
}

/** A text that every message of a stream repeats. */
export interface Identity {
  /** The path of its field, with dots. */
  readonly name: string;
  readonly text: string;
  /** Index of its span; undefined where it is not shown again. */
  readonly span: number | undefined;
}

/** How far back to go when an attempt to read fails. */
export interface Mark {
  readonly spans: number;
  readonly visibility: Visibility;
}

/** Collects texts and hints of one message. */
export class Gathering {
  readonly spans: TextSpan[] = [];
  readonly lanes: NamedLane[] = [];
  readonly models: string[] = [];
  visibility: Visibility = "whole";
  mostTokens: number | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  /** The request that a streamed answer belongs to; undefined where it names none. */
  group: string | undefined;
  /** Whether it is the last message of that answer, and whether an error ended it. */
  final = false;
  failed = false;
  /** Values besides texts, where they are counted. */
  others = 0;
  readonly identities: Identity[] = [];
  #parts = 0;
  /** Who writes text tensors in this direction. */
  readonly #author: Author;

  constructor(author: Author) {
    this.#author = author;
  }

  add({ text, path, named, keyed, tensor }: Finding): void {
    this.#parts += path.length;
    if (this.spans.length >= mostTexts || this.#parts > mostParts) throw new Unreadable();
    this.lanes.push(named);
    this.spans.push({ lane: named.lane, author: tensor ? this.#author : "data", syntax: "plain", path, text, keyed });
  }

  /** Part of the message cannot be read. */
  blur(): void {
    if (this.visibility === "whole") this.visibility = "partial";
  }

  /** What the message says in other ways than text cannot be read. */
  blind(): void {
    this.visibility = "none";
  }

  model(name: string): void {
    if (name !== "" && this.models.length < mostModels && !this.models.includes(name)) this.models.push(name);
  }

  /** A number with a meaning; of several the largest counts. */
  number(role: FieldRole, value: number): void {
    switch (role) {
      case "most-tokens":
        this.mostTokens = Math.max(this.mostTokens ?? 0, value);
        break;
      case "input-tokens":
        this.inputTokens = Math.max(this.inputTokens ?? 0, value);
        break;
      case "output-tokens":
        this.outputTokens = Math.max(this.outputTokens ?? 0, value);
        break;
      case "model":
      case "root-model":
      case "identity":
      case "failure":
      case "token-ids":
        break;
    }
  }

  mark(): Mark {
    return { spans: this.spans.length, visibility: this.visibility };
  }

  /** Forgets what was added since. */
  reset({ spans, visibility }: Mark): void {
    this.spans.length = spans;
    this.lanes.length = spans;
    this.visibility = visibility;
  }
}
