/** JSON bodies of requests: checked once, strictly, and carried as they came (ARCHITECTURE.md 1.9). */

import { isUtf8 } from "node:buffer";
import { GatewayError } from "../../src/envelope/error.ts";
import { compilePaths, type JsonCursor, JsonError, walkJson } from "../../src/envelope/json/index.ts";
import { LooseJson } from "./loose-json.ts";
import { splitMark } from "./utf8.ts";

/** What is read of a body besides its texts. */
export interface JsonFacts {
  /** What the body calls its model, under either name that servers know. */
  readonly models: readonly string[];
  /** The largest number of output tokens asked for; undefined: none is named. */
  readonly maxOutputTokens: number | undefined;
  /** What needs its exact name in a policy. */
  readonly features: readonly string[];
  /** Tools that the model is offered, where the body is written as chats of the OpenAI kind are, Ollama's among them. */
  readonly tools: readonly string[];
}

type Fact = "model" | "model_name" | "tokens" | "shared_memory" | "tool";

/** Keys are compared without regard to case, as model servers written in Go do: what one of them would take is told. */
const facts = compilePaths<Fact>(
  {
    model: "model",
    model_name: "model_name",
    max_tokens: "tokens",
    max_new_tokens: "tokens",
    n_predict: "tokens",
    "options.num_predict": "tokens",
    "parameters.max_tokens": "tokens",
    "parameters.max_new_tokens": "tokens",
    "tools.*.function.name": "tool",
    "tools.*.custom.name": "tool",
    "tools.*.name": "tool",
    "functions.*.name": "tool",
    "inputs.*.parameters.shared_memory_region": "shared_memory",
    "outputs.*.parameters.shared_memory_region": "shared_memory",
  },
  { caseless: true },
);

/** Reads a JSON body. `described`: a dialect says what its members mean, so that `model` may be any of them. Throws `request_invalid`. */
export const readJson = (text: string, described: boolean): JsonFacts => {
  const models: string[] = [];
  const features = new Set<string>();
  const tools = new Set<string>();
  let maxOutputTokens: number | undefined;
  const value = (at: JsonCursor<Fact>): void => {
    switch (at.tag) {
      case undefined:
        return;
      case "tokens":
        if (at.kind === "number") maxOutputTokens = Math.max(maxOutputTokens ?? 0, Number(at.raw()));
        return;
      // Such a tensor passes beside the gateway.
      case "shared_memory":
        features.add(at.tag);
        return;
      case "tool":
        tools.add(at.string() ?? "");
        return;
      case "model":
        if (described) return;
        break;
      case "model_name":
        break;
    }
    const name = at.string();
    if (name !== undefined) models.push(name);
  };
  try {
    walkJson(text, { value }, { table: facts });
  } catch (thrown) {
    if (thrown instanceof JsonError) throw new GatewayError("request_invalid", thrown.message);
    throw thrown;
  }
  return { models, maxOutputTokens, features: [...features], tools: [...tools] };
};

const whiteBytes: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const markBytes = Buffer.from([0xef, 0xbb, 0xbf]);

/** Whether bytes begin as an object or a list does. */
const beginsLikeJson = (bytes: Buffer): boolean => {
  let at = bytes.subarray(0, markBytes.length).equals(markBytes) ? markBytes.length : 0;
  while (whiteBytes.has(bytes[at])) at += 1;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
};

/**
 * What a body says that calls itself something else than JSON, or several texts of it: many servers never look at what it calls itself. It need not be strict, and
 * what stands twice is told twice. Tools are told of every text, and a model of the first alone: in the others it may be a column's name.
 * Undefined for what does not begin like JSON.
 */
export const looseFacts = (bytes: Buffer): JsonFacts | undefined => {
  if (!beginsLikeJson(bytes)) return undefined;
  const [, text] = splitMark(bytes.toString("utf8"));
  const found = new LooseJson(facts).push(`${text}\n`);
  if (found.some(({ whole }) => !whole)) throw new GatewayError("request_invalid", "A name in the request is too long.");
  const limits = found.filter(({ tag, kind }) => tag === "tokens" && kind === "scalar").map((limit) => Number(limit.text));
  const strings = found.filter(({ kind }) => kind === "string");
  return {
    models: strings.filter(({ tag, first }) => first && (tag === "model" || tag === "model_name")).map((model) => model.text),
    maxOutputTokens: limits.filter(Number.isFinite).reduce<number | undefined>((most, each) => Math.max(most ?? 0, each), undefined),
    features: found.some(({ tag }) => tag === "shared_memory") ? ["shared_memory"] : [],
    tools: [...new Set(strings.filter(({ tag }) => tag === "tool").map((tool) => tool.text))],
  };
};

/** The text of a body that must be one. Throws `request_invalid`. */
export const requestText = (bytes: Buffer): string => {
  if (!isUtf8(bytes)) throw new GatewayError("request_invalid", "The request body is not UTF-8.");
  return bytes.toString("utf8");
};
