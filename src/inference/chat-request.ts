/** From the service's conversations to chat completions of the OpenAI API. */

import { GatewayError } from "../envelope/error.ts";
import {
  type GenerateOptions,
  type GenerateRequest,
  type Message,
  type Part,
  Role,
  type Tool,
  type ToolCall,
  type ToolChoice,
  ToolChoiceMode,
} from "../gen/weir/v1/inference_pb.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const invalid = (param: string, message: string): GatewayError => new GatewayError("request_invalid", message, { param });

/** What `JSON.stringify` leaves out. */
const given = <T>(value: T | undefined, key: string): JsonObject => (value === undefined ? {} : { [key]: value });

const textOf = ({ kind }: Part, param: string): string => {
  if (kind.case === "text") return kind.value;
  throw invalid(param, `${param} must be text.`);
};

/** One text is a string; several stay apart, as their author had them. */
const contentOf = (texts: readonly string[]): unknown => (texts.length === 1 ? texts[0] : texts.map((text) => ({ type: "text", text })));

const wordsOf = (role: "system" | "user", { parts }: Message, param: string): JsonObject => {
  if (parts.length === 0) throw invalid(`${param}.parts`, `${param} has no parts.`);
  return { role, content: contentOf(parts.map((part, at) => textOf(part, `${param}.parts[${at}]`))) };
};

const callOf = ({ id, name, arguments: written }: ToolCall): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: written },
});

/** What the model thought is left out: APIs that take it back want it as they signed it. */
const turnOf = ({ parts }: Message, param: string): JsonObject => {
  const texts: string[] = [];
  const refusals: string[] = [];
  const calls: JsonObject[] = [];
  for (const [at, { kind }] of parts.entries()) {
    if (kind.case === "text") texts.push(kind.value);
    else if (kind.case === "refusal") refusals.push(kind.value);
    else if (kind.case === "toolCall") calls.push(callOf(kind.value));
    else if (kind.case !== "reasoning") throw invalid(`${param}.parts[${at}]`, `${param}.parts[${at}] is nothing that the assistant says.`);
  }
  return {
    role: "assistant",
    content: texts.length === 0 ? null : contentOf(texts),
    ...(refusals.length > 0 && { refusal: refusals.join("\n") }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
};

const resultOf = ({ kind }: Part, param: string): JsonObject => {
  if (kind.case !== "toolResult") throw invalid(param, `${param} must be a tool_result.`);
  return { role: "tool", tool_call_id: kind.value.toolCallId, content: kind.value.text };
};

/** A message of tools holds the results of several calls; the API has a message for each. */
const messagesOf = (message: Message, param: string): readonly JsonObject[] => {
  switch (message.role) {
    case Role.SYSTEM:
      return [wordsOf("system", message, param)];
    case Role.USER:
      return [wordsOf("user", message, param)];
    case Role.ASSISTANT:
      return [turnOf(message, param)];
    case Role.TOOL:
      return message.parts.map((part, at) => resultOf(part, `${param}.parts[${at}]`));
    case Role.UNSPECIFIED:
      break;
  }
  // Enums of proto3 are open: a role of a later version is none of ours either.
  throw invalid(`${param}.role`, `${param} has no known role.`);
};

const schemaOf = (parameters: string, param: string): unknown => {
  try {
    const schema: unknown = JSON.parse(parameters);
    if (typeof schema === "object" && schema !== null && !Array.isArray(schema)) return schema;
  } catch {
    // Told below, like any other text that is no schema.
  }
  throw invalid(param, `${param} must be a JSON Schema.`);
};

const toolOf = ({ name, description, parameters }: Tool, at: number): JsonObject => ({
  type: "function",
  function: {
    name,
    ...given(description === "" ? undefined : description, "description"),
    ...given(parameters === "" ? undefined : schemaOf(parameters, `tools[${at}].parameters`), "parameters"),
  },
});

const modes: Readonly<Record<ToolChoiceMode, string | undefined>> = {
  [ToolChoiceMode.UNSPECIFIED]: undefined,
  [ToolChoiceMode.AUTO]: "auto",
  [ToolChoiceMode.NONE]: "none",
  [ToolChoiceMode.REQUIRED]: "required",
};

const choiceOf = ({ kind }: ToolChoice): unknown => {
  switch (kind.case) {
    case "tool":
      return { type: "function", function: { name: kind.value } };
    case "mode":
      return modes[kind.value];
    case undefined:
      return undefined;
  }
};

/** JSON has no 64-bit numbers; one that would be rounded is another seed. */
const seedOf = (seed: bigint): number => {
  if (BigInt(Number(seed)) === seed && Number.isSafeInteger(Number(seed))) return Number(seed);
  throw invalid("options.seed", "options.seed must be at most 53 bits long.");
};

const optionsOf = ({ maxOutputTokens, temperature, topP, stop, seed }: GenerateOptions): JsonObject => ({
  ...given(maxOutputTokens, "max_completion_tokens"),
  ...given(temperature, "temperature"),
  ...given(topP, "top_p"),
  ...given(stop.length === 0 ? undefined : stop, "stop"),
  ...given(seed === undefined ? undefined : seedOf(seed), "seed"),
});

/** The request's JSON. Throws `request_invalid` with the field at fault. */
export const chatRequest = (request: GenerateRequest, stream: boolean): string => {
  const { model, messages, tools, toolChoice, options } = request;
  return JSON.stringify({
    model,
    messages: messages.flatMap((message, at) => messagesOf(message, `messages[${at}]`)),
    ...given(tools.length === 0 ? undefined : tools.map(toolOf), "tools"),
    ...given(toolChoice && choiceOf(toolChoice), "tool_choice"),
    ...(options && optionsOf(options)),
    ...(stream && { stream, stream_options: { include_usage: true } }),
  });
};
