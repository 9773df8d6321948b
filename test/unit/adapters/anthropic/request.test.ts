import { describe, expect, it } from "vitest";
import { operationOf } from "../../../../adapters/anthropic/operations.ts";
import { type AnthropicRequest, bytesOf, parseRequest, requestCodec } from "../../../../adapters/anthropic/request.ts";
import type { Incoming } from "../../../../src/envelope/exchange.ts";

const messages = operationOf("POST", "/v1/messages");

const parse = (body: unknown): Incoming<AnthropicRequest> => {
  const text = JSON.stringify(body);
  return parseRequest({ text, bytes: Buffer.from(text) }, messages);
};

const ask = (rest: Record<string, unknown>) => parse({ model: "claude", max_tokens: 7, messages: [], ...rest });

/** Who is shown to have written which text. */
const shown = ({ message }: Incoming<AnthropicRequest>): [string, string][] =>
  requestCodec.spans(message).map(({ author, text }) => [author, text]);

const lanes = ({ message }: Incoming<AnthropicRequest>): string[] => requestCodec.spans(message).map(({ lane }) => lane);

const sent = ({ message }: Incoming<AnthropicRequest>, masked: boolean): unknown => JSON.parse(String(bytesOf(message, masked)));

/** The request with every text changed by a function. */
const rewritten = (incoming: Incoming<AnthropicRequest>, change: (text: string) => string): Incoming<AnthropicRequest> => ({
  ...incoming,
  message: requestCodec.rewrite(
    incoming.message,
    requestCodec.spans(incoming.message).map(({ text }) => change(text)),
  ),
});

const said = (role: string, content: unknown) => ({ messages: [{ role, content }] });

describe("a request's texts", () => {
  it("are shown with who wrote them, by role and kind of block", () => {
    const incoming = parse({
      model: "claude",
      system: [{ type: "text", text: "be kind", cache_control: { type: "ephemeral" } }],
      metadata: { user_id: "u-1" },
      stop_sequences: ["END"],
      tools: [{ name: "send", description: "Sends.", input_schema: { type: "object", properties: { to: { description: "whom" } } } }],
      messages: [
        { role: "user", content: "hi" },
        { role: "system", content: "mid-way" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "c2ln" },
            { type: "text", text: "so" },
            { type: "tool_use", id: "toolu_1", name: "send", input: { to: "you" } },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "sent" }] }] },
      ],
    });
    expect(shown(incoming)).toEqual([
      ["system", "be kind"],
      ["data", "u-1"],
      ["data", "END"],
      ["system", "send"],
      ["system", "Sends."],
      ["data", "properties"],
      ["data", "to"],
      ["data", "description"],
      ["system", "whom"],
      ["user", "hi"],
      ["system", "mid-way"],
      ["assistant", "hm"],
      ["data", "c2ln"],
      ["assistant", "so"],
      ["tool-input", "send"],
      ["tool-input", '{"to":"you"}'],
      ["tool-output", "sent"],
    ]);
  });

  it.each([
    ["a document of text", "user", { type: "document", source: { type: "text", media_type: "text/plain", data: "words" } }],
    ["a document of parts", "user", { type: "document", source: { type: "content", content: [{ type: "text", text: "words" }] } }],
    [
      "a document's title and context",
      "user",
      { type: "document", title: "words", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" } },
    ],
    ["an image's address", "user", { type: "image", source: { type: "url", url: "words" } }],
    ["a search result", "tool-output", { type: "search_result", source: "s", title: "t", content: [{ type: "text", text: "words" }] }],
    ["a tool's result", "tool-output", { type: "tool_result", tool_use_id: "toolu_1", content: "words" }],
    [
      "a document in a tool's result",
      "tool-output",
      { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "document", source: { type: "text", data: "words" } }] },
    ],
    [
      "a search result in a tool's result",
      "tool-output",
      { type: "tool_result", content: [{ type: "search_result", content: [{ type: "text", text: "words" }] }] },
    ],
    [
      "what a search brought",
      "tool-output",
      { type: "web_search_tool_result", content: [{ type: "web_search_result", title: "words", encrypted_content: "RW5j" }] },
    ],
    [
      "what a fetch brought",
      "tool-output",
      { type: "web_fetch_tool_result", content: { content: { type: "document", source: { type: "text", data: "words" } } } },
    ],
    [
      "what code printed",
      "tool-output",
      { type: "code_execution_tool_result", content: { type: "code_execution_result", stdout: "words" } },
    ],
    ["what an MCP server answered", "tool-output", { type: "mcp_tool_result", content: [{ type: "text", text: "words" }] }],
    ["what was cited", "tool-output", { type: "text", text: "t", citations: [{ type: "char_location", cited_text: "words" }] }],
    ["a summary", "tool-output", { type: "compaction", content: "words" }],
    ["a block that nobody knows", "data", { type: "hologram", said: { deep: ["words"] } }],
  ])("are found in %s", (_what, author, block) => {
    expect(shown(ask(said("user", [block])))).toContainEqual([author, "words"]);
  });

  it("of adjacent text blocks are one lane, and of others are their own", () => {
    const text = { type: "text", text: "x" };
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } };
    expect(lanes(ask(said("user", [text, text, image, text])))).toEqual([
      "messages.0.content.0.text",
      "messages.0.content.0.text",
      "messages.0.content.3.text",
    ]);
  });

  it("are not what is base64, and that is told", () => {
    const incoming = ask(said("user", [{ type: "image", source: { type: "base64", media_type: "image/png", data: "aGVsbG8=" } }]));
    expect(shown(incoming)).toEqual([]);
    expect(requestCodec.visibility(incoming.message)).toBe("partial");
    expect(incoming.unseen).toEqual(["an image or document"]);
  });

  it("are what only claims to be base64", () => {
    const incoming = ask(said("user", [{ type: "document", source: { type: "base64", data: "my own words" } }]));
    expect(shown(incoming)).toEqual([["user", "my own words"]]);
  });
});

describe("a request's features", () => {
  it.each([
    ["web_search", { tools: [{ type: "web_search_20260318", name: "web_search" }] }],
    ["web_fetch", { tools: [{ type: "web_fetch_20250910", name: "web_fetch" }] }],
    ["code_execution", { tools: [{ type: "code_execution_20250825", name: "code_execution" }] }],
    ["advisor", { tools: [{ type: "advisor_20260301", name: "advisor", model: "other" }] }],
    ["mcp", { tools: [{ type: "mcp_toolset", mcp_server_name: "vault" }] }],
    ["mcp", { mcp_servers: [{ type: "url", name: "vault", url: "https://x.example" }] }],
    ["container", { container: "container_1" }],
    ["skills", { container: { skills: [{ type: "anthropic", skill_id: "pdf" }] } }],
    ["fallbacks", { fallbacks: [{ model: "another" }] }],
    ["fallbacks", { fallbacks: "default" }],
    ["file_url", said("user", [{ type: "image", source: { type: "url", url: "https://x.example" } }])],
    [
      "file_url",
      said("user", [{ type: "tool_result", content: [{ type: "document", source: { type: "url", url: "https://x.example" } }] }]),
    ],
    ["file_id", said("user", [{ type: "document", source: { type: "file", file_id: "file_1" } }])],
    ["file_id", said("user", [{ type: "container_upload", file_id: "file_1" }])],
    [
      "web_search",
      said("system", [{ type: "tool_addition", tool: { type: "tool_definition", definition: { type: "web_search_20260318" } } }]),
    ],
    ["a_tool_of_tomorrow", { tools: [{ type: "a_tool_of_tomorrow_20300101", name: "x" }] }],
  ])("name %s", (feature, rest) => {
    expect(ask(rest).features).toContain(feature);
  });

  it("are none for what the caller's own client does", () => {
    const types = ["custom", "bash_20250124", "text_editor_20250728", "computer_20251124", "memory_20250818", undefined];
    const tools = types.map((type) => ({ type, name: "x", input_schema: { type: "object" } }));
    const call = { type: "tool_use", name: "x", input: { source: { type: "url" }, type: "container_upload" } };
    const nothing = { mcp_servers: [], fallbacks: null, container: null, thread: null };
    expect(ask({ tools, ...nothing, ...said("assistant", [call]) }).features).toEqual([]);
  });
});

describe("a request's facts", () => {
  it("are its model, its limit and whether it streams", () => {
    expect(ask({ stream: true })).toMatchObject({ model: "claude", maxOutputTokens: 7, message: { streams: true } });
  });

  it.each([
    [{ model: 1 }, "model"],
    [{ max_tokens: -1 }, "max_tokens"],
    [{ max_tokens: { no: "number" } }, "max_tokens"],
    [{ stream: "yes" }, "stream"],
    [{ stream: [] }, "stream"],
  ])("are refused where they are none: %j", (rest, param) => {
    expect(() => ask(rest)).toThrow(expect.objectContaining({ reason: "request_invalid", param }));
  });

  it("are no thread's, whose conversation somebody else could have begun", () => {
    const continued = { thread: { type: "continue", previous_message_id: "msg_of_another" } };
    expect(() => ask(continued)).toThrow(expect.objectContaining({ reason: "operation_unsupported", param: "thread" }));
  });

  it("are refused where a member stands twice", () => {
    const text = '{"model":"a","model":"b","messages":[]}';
    expect(() => parseRequest({ text, bytes: Buffer.from(text) }, messages)).toThrow(
      expect.objectContaining({ reason: "request_invalid" }),
    );
  });
});

describe("thinking in a request", () => {
  const unsigned = { type: "thinking", thinking: "hm", signature: "" };
  const signed = { type: "thinking", thinking: "well", signature: "c2lnbmVk" };
  const sealed = { type: "redacted_thinking", data: "RW5j" };
  const text = { type: "text", text: "so" };
  const history = said("assistant", [unsigned, signed, sealed, text]);

  it("goes on as it came where answers are not masked: other upstreams sign nothing", () => {
    expect(sent(ask(history), false)).toMatchObject(history);
  });

  it("goes on without what is unsigned where they are", () => {
    expect(sent(ask(history), true)).toMatchObject(said("assistant", [signed, sealed, text]));
  });

  it("goes on without what masking the request changed, whatever it signs", () => {
    const changed = rewritten(ask(history), (words) => words.replace("well", "[WELL]"));
    expect(sent(changed, false)).toMatchObject(said("assistant", [unsigned, sealed, text]));
    expect(sent(changed, true)).toMatchObject(said("assistant", [sealed, text]));
  });

  it("takes its message with it where nothing else is in it", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: [unsigned] },
      { role: "user", content: "b" },
    ];
    expect(sent(ask({ messages }), true)).toMatchObject({ messages: [messages[0], messages[2]] });
  });

  it("leaves every other byte as it was", () => {
    const text = '{ "model":"m", "messages" : [ {"role":"assistant", "content":[ {"type":"text","text":"\\u0061"} ]} ], "x": 1.0 }';
    const { message } = parseRequest({ text, bytes: Buffer.from(text) }, messages);
    expect(String(bytesOf(message, true))).toBe(text);
  });
});
