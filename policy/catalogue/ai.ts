/** Providers of models and the services around them. */

import { type CatalogueEntry, credentials } from "./entry.ts";
import { END, key } from "./pattern.ts";
import { alnum, hex, url64, uuid } from "./sample.ts";

export const ai: readonly CatalogueEntry[] = credentials("ai", [
  {
    name: "openai-key",
    title: "OpenAI API key",
    origin: "https://platform.openai.com/docs/api-reference/authentication",
    pattern: key(
      "sk-(?:(?:proj|svcacct|admin|service|None)-[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|[A-Za-z0-9]{48}(?![A-Za-z0-9])|[A-Za-z0-9-]{4,40}-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})",
    ),
    positive: [`sk-proj-${url64(74)}T3BlbkFJ${url64(73)}`, `sk-${alnum(20)}T3BlbkFJ${alnum(20)}`, `sk-${alnum(48)}`],
    negative: ["sk-proj-short", `sk-${"x".repeat(48)}`],
  },
  {
    name: "anthropic-key",
    title: "Anthropic API key",
    origin: "https://docs.anthropic.com/en/api/overview",
    pattern: key("sk-ant-[a-z]{2,8}\\d{0,4}-[A-Za-z0-9_-]{80,130}"),
    positive: [`sk-ant-api03-${url64(93)}AA`],
    negative: ["sk-ant-api03-short"],
  },
  {
    name: "huggingface-token",
    title: "Hugging Face token",
    origin: "https://huggingface.co/docs/hub/security-tokens",
    pattern: `${key("(?:hf_|api_org_)[A-Za-z0-9]{34,40}")}(?![A-Za-z0-9_])`,
    positive: [`hf_${alnum(34)}`, `api_org_${alnum(34)}`],
    negative: [`hf_${"x".repeat(40)}`, "hf_modelNameOfManyWords"],
  },
  {
    name: "model-provider-key",
    title:
      "Key of Groq, xAI, Perplexity, Replicate, NVIDIA, OpenRouter, Fireworks, Cerebras, Together, LlamaCloud, Tavily, Meta Llama, Jina or Voyage",
    origin: "https://console.groq.com/docs/quickstart",
    pattern: key(
      "gsk_[A-Za-z0-9]{52}|xai-[A-Za-z0-9]{70,90}|pplx-[A-Za-z0-9]{48,56}|r8_[A-Za-z0-9]{37,40}|nvapi-[A-Za-z0-9_-]{60,70}|sk-or-v1-[0-9a-f]{64}|fw_[A-Za-z0-9]{22,26}(?![A-Za-z0-9_])|csk-[a-z0-9]{48}|tgp_v1_[A-Za-z0-9_-]{43}|llx-[A-Za-z0-9_-]{40,52}|tvly-(?:dev-|prod-)?[A-Za-z0-9-]{20,64}|LLM\\|\\d{10,20}\\|[A-Za-z0-9_-]{20,40}|jina_[A-Za-z0-9_-]{50,70}|pa-[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])|fc-[a-f0-9]{32}|ak-[A-Za-z0-9]{22}:as-[A-Za-z0-9]{22}",
    ),
    positive: [
      `gsk_${alnum(52)}`,
      `xai-${alnum(80)}`,
      `pplx-${alnum(48)}`,
      `r8_${alnum(37)}`,
      `sk-or-v1-${hex(64)}`,
      `tvly-dev-${alnum(32)}`,
      `LLM|123456789012|${url64(27)}`,
    ],
    negative: ["gsk_short", "xai-grok", "pplx-api"],
  },
  {
    name: "model-tooling-key",
    title: "Key of LangSmith, Langfuse, ElevenLabs, DeepSeek, Weights & Biases, Pinecone, Cohere Toolkit, AssemblyAI or Stability",
    origin: "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
    pattern: `${key(
      "lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}|[sp]k-lf-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|sk_[a-f0-9]{48}|sk-[a-f0-9]{32}|pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,70}|wandb_v1_[A-Za-z0-9_]{60,90}|api-[A-F0-9]{32}",
    )}${END}`,
    positive: [`lsv2_pt_${hex(32)}_${hex(10)}`, `sk-lf-${uuid()}`, `sk_${hex(48)}`, `sk-${hex(32)}`],
    negative: ["lsv2_pt_short", "sk_live"],
  },
]);
