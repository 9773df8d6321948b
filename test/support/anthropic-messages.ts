/** Answers of the Messages API, whole and as the events of the same message. */

/** A content block of any kind. */
export type Block = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface MessageParts {
  readonly content: readonly Block[];
  readonly stop_reason?: string;
  readonly stop_sequence?: string | null;
}

/** A whole message. */
export const messageOf = ({ content, stop_reason = "end_turn", stop_sequence = null }: MessageParts) => ({
  id: "msg_01",
  type: "message",
  role: "assistant",
  model: "claude-test",
  content,
  stop_reason,
  stop_sequence,
  usage: { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 9 },
});

/** One event as the API writes it. */
export const eventOf = (type: string, rest: Readonly<Record<string, unknown>> = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

/** Cuts a text into pieces. */
export type Cutter = (text: string) => readonly string[];

const deltasOf = (block: Block, cut: Cutter): readonly Readonly<Record<string, unknown>>[] => {
  switch (block.type) {
    case "text": {
      const citations = Array.isArray(block.citations) ? block.citations : [];
      return [
        ...cut(String(block.text)).map((text) => ({ type: "text_delta", text })),
        ...citations.map((citation) => ({ type: "citations_delta", citation })),
      ];
    }
    case "thinking":
      return [
        ...cut(String(block.thinking)).map((thinking) => ({ type: "thinking_delta", thinking })),
        ...(block.signature === "" ? [] : [{ type: "signature_delta", signature: block.signature }]),
      ];
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return ["", ...cut(JSON.stringify(block.input))].map((partial_json) => ({ type: "input_json_delta", partial_json }));
    case "compaction":
      return [{ type: "compaction_delta", content: block.content }];
    default:
      return [];
  }
};

const begunOf = (block: Block): Block => {
  switch (block.type) {
    case "text":
      return { ...block, text: "", ...("citations" in block ? { citations: block.citations === null ? null : [] } : {}) };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return { ...block, input: {} };
    case "compaction":
      return { ...block, content: null };
    default:
      return block;
  }
};

/** The events of one block. */
export const blockEvents = (block: Block, index: number, cut: Cutter): string[] => [
  eventOf("content_block_start", { index, content_block: begunOf(block) }),
  ...deltasOf(block, cut).map((delta) => eventOf("content_block_delta", { index, delta })),
  eventOf("content_block_stop", { index }),
];

/** The same message as {@link messageOf}, streamed: a ping where the API sends one. */
export const messageEvents = (parts: MessageParts, cut: Cutter): string[] => {
  const { stop_reason, stop_sequence, usage, ...message } = messageOf(parts);
  const started = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
  return [
    eventOf("message_start", { message: started }),
    eventOf("ping"),
    ...parts.content.flatMap((block, index) => blockEvents(block, index, cut)),
    eventOf("message_delta", { delta: { stop_reason, stop_sequence }, usage: { output_tokens: usage.output_tokens } }),
    eventOf("message_stop"),
  ];
};

type Draft = Record<string, unknown>;
type DraftBlock = Draft & { type: string };

const isObject = (value: unknown): value is Draft => typeof value === "object" && value !== null;

/** Adds a delta to a block as the official SDKs do; the input of tools is gathered as text. */
const addDelta = (block: Draft, delta: Draft): void => {
  switch (delta.type) {
    case "text_delta":
      block.text = String(block.text) + String(delta.text);
      break;
    case "thinking_delta":
      block.thinking = String(block.thinking) + String(delta.thinking);
      break;
    case "signature_delta":
      block.signature = delta.signature;
      break;
    case "citations_delta":
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
      break;
    case "compaction_delta":
      block.content = delta.content;
      break;
    case "input_json_delta":
      block.json = String(block.json ?? "") + String(delta.partial_json);
      break;
    default:
      throw new Error(`a delta that nobody knows: ${String(delta.type)}`);
  }
};

/** What a client puts together of a stream. Throws where it is none that a client could read. */
export const accumulated = (wire: string): Draft & { readonly content: readonly Block[] } => {
  let message: Draft = {};
  const content: DraftBlock[] = [];
  const open = new Set<unknown>();
  for (const event of wire.split("\n\n").filter((text) => text !== "")) {
    const data: unknown = JSON.parse(event.slice(event.indexOf("data: ") + "data: ".length));
    if (!isObject(data)) throw new Error("an event without an object");
    const { type, index } = data;
    if (type === "message_start" && isObject(data.message)) message = data.message;
    else if (type === "content_block_start" && isObject(data.content_block)) {
      content.push({ type: "", ...data.content_block });
      open.add(index);
    } else if (type === "content_block_delta") {
      const block = content[Number(index)];
      if (!open.has(index) || block === undefined || !isObject(data.delta)) throw new Error("a delta outside a block");
      addDelta(block, data.delta);
    } else if (type === "content_block_stop" && !open.delete(index)) throw new Error("a block that ends twice");
    else if (type === "message_delta") {
      if (isObject(data.delta)) Object.assign(message, data.delta);
      if (isObject(message.usage) && isObject(data.usage)) Object.assign(message.usage, data.usage);
    } else if (type === "error") throw new Error(`the stream says that it failed: ${event}`);
  }
  for (const block of content) {
    if (block.json === undefined) continue;
    block.input = JSON.parse(String(block.json));
    delete block.json;
  }
  return { ...message, content };
};
