/** What a scripted Claude says: every kind of block, with a secret wherever there is text. */

import { createHash } from "node:crypto";
import type { Block } from "../support/anthropic-messages.ts";

/** What the model says; the gateway's policy masks its key. Made up, in the shape of an AWS access key. */
export const secret = "AKIAQ7DWEIRTESTKEY42";
export const label = "[AWS_ACCESS_KEY_ID]";
export const sentence = `The key is ${secret}, keep it.`;
export const maskedSentence = `The key is ${label}, keep it.`;

/** What the API signs: the signature vouches for the very words. */
export const signatureOf = (thinking: string): string => createHash("sha256").update(thinking).digest("base64");

/** Thinking as the API signs it. */
export const thinking = (words: string): Block => ({ type: "thinking", thinking: words, signature: signatureOf(words) });

/** A call of one of the caller's tools. */
export const toolCall = (name: string, input: object, index = 1): Block => ({ type: "tool_use", id: `toolu_${index}`, name, input });

const citations = [
  {
    type: "char_location",
    cited_text: sentence,
    document_index: 0,
    document_title: sentence,
    start_char_index: 0,
    end_char_index: 9,
    file_id: null,
  },
  {
    type: "web_search_result_location",
    cited_text: sentence,
    url: `https://x.example/?key=${secret}`,
    title: sentence,
    encrypted_index: "RW5j",
  },
  {
    type: "search_result_location",
    cited_text: sentence,
    source: sentence,
    title: sentence,
    search_result_index: 0,
    start_block_index: 0,
    end_block_index: 1,
  },
];

/** A document that is no text: nothing in it is anybody's to mask, whatever a detector finds in its letters. */
export const payload = Buffer.from(`%PDF-1.7 ${"not a text ".repeat(400)}`).toString("base64");

/** Every kind of block that an answer can hold, with the secret wherever there is text; the first two are one text cut in the middle of it. */
export const everything: readonly Block[] = [
  { type: "text", text: sentence.slice(0, 18), citations: null },
  { type: "text", text: sentence.slice(18), citations },
  thinking(sentence),
  { type: "redacted_thinking", data: "RW5jcnlwdGVk" },
  toolCall("keep", { key: secret, [`under ${secret}`]: [sentence, { deep: sentence }], n: 1 }),
  { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: sentence } },
  {
    type: "web_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: [
      {
        type: "web_search_result",
        title: sentence,
        url: `https://x.example/?key=${secret}`,
        page_age: sentence,
        encrypted_content: "RW5j",
      },
    ],
  },
  {
    type: "web_fetch_tool_result",
    tool_use_id: "srvtoolu_2",
    content: {
      type: "web_fetch_result",
      url: `https://x.example/?key=${secret}`,
      retrieved_at: "2026-11-21T00:00:00Z",
      content: { type: "document", title: sentence, citations: null, source: { type: "text", media_type: "text/plain", data: sentence } },
    },
  },
  {
    type: "web_fetch_tool_result",
    tool_use_id: "srvtoolu_9",
    content: {
      type: "web_fetch_result",
      url: "https://x.example/a.pdf",
      retrieved_at: null,
      content: { type: "document", title: null, citations: null, source: { type: "base64", media_type: "application/pdf", data: payload } },
    },
  },
  {
    type: "code_execution_tool_result",
    tool_use_id: "srvtoolu_3",
    content: { type: "code_execution_result", stdout: sentence, stderr: sentence, return_code: 0, content: [] },
  },
  {
    type: "bash_code_execution_tool_result",
    tool_use_id: "srvtoolu_4",
    content: { type: "bash_code_execution_result", stdout: sentence, stderr: sentence, return_code: 0, content: [] },
  },
  {
    type: "text_editor_code_execution_tool_result",
    tool_use_id: "srvtoolu_5",
    content: {
      type: "text_editor_code_execution_view_result",
      content: sentence,
      file_type: "text",
      num_lines: 1,
      start_line: 1,
      total_lines: 1,
    },
  },
  {
    type: "text_editor_code_execution_tool_result",
    tool_use_id: "srvtoolu_6",
    content: {
      type: "text_editor_code_execution_str_replace_result",
      lines: [sentence, sentence],
      new_lines: 1,
      new_start: 1,
      old_lines: 1,
      old_start: 1,
    },
  },
  {
    type: "tool_search_tool_result",
    tool_use_id: "srvtoolu_7",
    content: { type: "tool_search_tool_result_error", error_code: "unavailable", error_message: sentence },
  },
  {
    type: "tool_search_tool_result",
    tool_use_id: "srvtoolu_10",
    content: { type: "tool_search_tool_search_result", tool_references: [{ type: "tool_reference", tool_name: `keep ${secret}` }] },
  },
  { type: "mcp_tool_use", id: "mcptoolu_1", name: "keep", server_name: "vault", input: { key: secret } },
  { type: "mcp_tool_result", tool_use_id: "mcptoolu_1", is_error: false, content: [{ type: "text", text: sentence, citations: null }] },
  {
    type: "mcp_tool_listing",
    mcp_server_name: "vault",
    tools: [{ name: "keep", description: sentence, input_schema: { description: sentence } }],
  },
  { type: "advisor_tool_result", tool_use_id: "srvtoolu_8", content: { type: "advisor_result", text: sentence, stop_reason: null } },
  { type: "container_upload", file_id: "file_1" },
  { type: "text", text: `${sentence} A beginning: ${secret.slice(0, 12)}`, citations: null },
  { type: "fallback", from: { model: "claude-other" }, to: { model: "claude-test" }, trigger: { type: "refusal", category: null } },
  { type: "compaction", content: sentence, encrypted_content: null },
  { type: "text", text: sentence, citations: null },
];
