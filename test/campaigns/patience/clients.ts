/** The official SDKs, with their default settings: what each makes of a call that waits for a person. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** How a call ended, as its SDK told it. */
export interface Told {
  /** Begins with what the reviewer does: `approve` or `deny`. */
  readonly prompt: string;
  readonly streamed: boolean;
  /** The model's words, or the error's. */
  readonly said: string;
  /** The class of the error; null where there was none. */
  readonly error: string | null;
  readonly seconds: number;
}

/** Where calls go. */
export interface Where {
  readonly url: string;
  readonly key: string;
}

/** One SDK: resolves with what became of its calls, two approved and two denied. */
export interface PatientClient {
  readonly name: string;
  readonly run: (where: Where) => Promise<readonly Told[]>;
}

type Ask = (content: string, stream: boolean) => Promise<string>;

const openaiAsk = ({ url, key }: Where): Ask => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key });
  return async (content, stream) => {
    const asked = { model: "gpt-4o", messages: [{ role: "user" as const, content }] };
    if (!stream) return (await client.chat.completions.create(asked)).choices[0]?.message.content ?? "";
    let said = "";
    for await (const part of await client.chat.completions.create({ ...asked, stream: true })) said += part.choices[0]?.delta.content ?? "";
    return said;
  };
};

const anthropicAsk = ({ url, key }: Where): Ask => {
  const client = new Anthropic({ baseURL: url, authToken: key, apiKey: null });
  return async (content, stream) => {
    const asked = { model: "claude", max_tokens: 9, messages: [{ role: "user" as const, content }] };
    if (stream) return client.messages.stream(asked).finalText();
    const [block] = (await client.messages.create(asked)).content;
    return block?.type === "text" ? block.text : "";
  };
};

const attempt = async (ask: Ask, prompt: string, streamed: boolean): Promise<Told> => {
  const from = performance.now();
  const ended = await ask(prompt, streamed).then(
    (said) => ({ said, error: null }),
    (thrown: Error) => ({ said: thrown.message, error: thrown.constructor.name }),
  );
  return { prompt, streamed, ...ended, seconds: (performance.now() - from) / 1_000 };
};

const inNode = (name: string, askAt: (where: Where) => Ask): PatientClient => ({
  name: `${name} Node`,
  run: (where) => {
    const ask = askAt(where);
    const calls = ["approve", "deny"].flatMap((verdict) => [false, true].map((streamed) => ({ verdict, streamed })));
    return Promise.all(calls.map(({ verdict, streamed }) => attempt(ask, `${verdict} ${name} Node ${streamed}`, streamed)));
  },
});

const script = fileURLToPath(new URL("patient.py", import.meta.url));

const inPython = (name: string, python: string): PatientClient => ({
  name: `${name} Python`,
  run: async ({ url, key }) => {
    const env = { ...process.env, PATIENCE_URL: url, PATIENCE_KEY: key };
    const child = spawn(python, [script, name], { env, stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    await once(child, "close");
    return printed
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Told);
  },
});

/** Those for Node. */
export const nodeClients: readonly PatientClient[] = [inNode("openai", openaiAsk), inNode("anthropic", anthropicAsk)];

/** Those for Python, by an interpreter that has them. */
export const pythonClients = (python: string): readonly PatientClient[] => [inPython("openai", python), inPython("anthropic", python)];
