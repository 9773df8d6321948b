/** Servers of language models that stream in ways of their own: only how their answers' pieces join is known here; their paths keep their plain names. */

import { compileRows } from "./dialect.ts";
import { llamaEchoes, ollamaEchoes } from "./echoes.ts";
import { llamaPlaces, ollamaChatPlaces, ollamaGeneratePlaces } from "./joins.ts";

export const textGeneration = compileRows([
  { method: "POST", template: "/api/generate", class: "inference", joins: ollamaGeneratePlaces, echoes: ollamaEchoes },
  { method: "POST", template: "/api/chat", class: "inference", joins: ollamaChatPlaces },
  { method: "POST", template: "/completion", class: "inference", joins: llamaPlaces, echoes: llamaEchoes },
]);
