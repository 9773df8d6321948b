// biome-ignore-all lint/correctness/noUndeclaredDependencies: the clients are installed beside a copy of this file, not by the project
/**
 * Other people's clients of the OpenAI API, with nothing changed but address and key: LangChain and the Vercel AI SDK each hold a streamed conversation with
 * a tool, and compatcanary scores the gateway as it scores the model itself. Runs in a folder where they are installed (.ci/full); with-gateway.ts sets the
 * environment. Prints a line for each case; exits 1 when one failed.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createOpenAI } from "@ai-sdk/openai";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const { WEIR_BASE_URL: baseUrl, WEIR_KEY: key, WEIR_MODEL_URL: modelUrl, WEIR_SECRET: secret, WEIR_MASKED_SENTENCE: masked } = process.env;

const weather = { name: "weather", description: "Tells the weather.", schema: z.object({ key: z.string(), city: z.string() }) };

const vercel = async (model) => {
  const asked = [];
  const execute = (input) => {
    asked.push(input);
    return `It rains in ${input.city}.`;
  };
  const tools = { weather: tool({ description: weather.description, inputSchema: weather.schema, execute }) };
  const result = streamText({ model, prompt: "How is the weather?", tools, stopWhen: stepCountIs(3) });
  let said = "";
  for await (const piece of result.textStream) said += piece;
  assert.equal(said, masked);
  assert.deepEqual(asked, [{ key: "[AWS_ACCESS_KEY_ID]", city: "Ghent" }]);
};

const langchain = async (useResponsesApi) => {
  const options = { model: "tools", apiKey: key, configuration: { baseURL: baseUrl }, useResponsesApi, streaming: true };
  const model = new ChatOpenAI(options).bindTools([langchainTool(() => "rain", weather)]);
  const together = async (messages) => {
    let whole;
    for await (const piece of await model.stream(messages)) whole = whole === undefined ? piece : whole.concat(piece);
    return whole;
  };
  const question = new HumanMessage("How is the weather?");
  const call = await together([question]);
  assert.deepEqual(call.tool_calls?.[0]?.args, { key: "[AWS_ACCESS_KEY_ID]", city: "Ghent" });
  const answer = new ToolMessage({ content: "It rains.", tool_call_id: call.tool_calls[0].id });
  const last = await together([question, call, answer]);
  assert.equal(last.text, masked);
};

const score = async (url, apiKey) => {
  const cli = "node_modules/compatcanary/src/cli.js";
  const options = ["scan", "--base-url", url, "--model", "plain", "--format", "json", "--fail-on", "never"];
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...options], { env: { ...process.env, OPENAI_API_KEY: apiKey } });
  assert.ok(!stdout.includes(secret) || url === modelUrl);
  const report = JSON.parse(stdout);
  return {
    score: report.score ?? report.summary,
    results: (report.results ?? report.checks ?? []).map(({ id, name, status }) => `${id ?? name} ${status}`),
  };
};

const canary = async () => {
  const direct = await score(modelUrl, "any");
  assert.ok(direct.results.length > 0);
  assert.deepEqual(await score(baseUrl, key), direct);
};

const provider = createOpenAI({ baseURL: baseUrl, apiKey: key });
const cases = {
  "Vercel AI SDK, Responses": () => vercel(provider("tools")),
  "Vercel AI SDK, chat": () => vercel(provider.chat("tools")),
  "LangChain, chat": () => langchain(false),
  "LangChain, Responses": () => langchain(true),
  compatcanary: canary,
};

let failures = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    process.stdout.write(`ok      ${name}\n`);
  } catch (thrown) {
    failures += 1;
    process.stdout.write(`FAILED  ${name}\n${thrown?.stack ?? thrown}\n`);
  }
}
process.stdout.write(`${Object.keys(cases).length - failures} of ${Object.keys(cases).length} clients\n`);
process.exitCode = failures === 0 ? 0 : 1;
