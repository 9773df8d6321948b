/** Words of the OpenAI API that upstreams answer with: the only strings at known places that say nothing of their own. */

const words = new Set([
  "assistant",
  "auto",
  "chat.completion",
  "chat.completion.chunk",
  "content_filter",
  "default",
  "embedding",
  "flex",
  "function",
  "function_call",
  "length",
  "list",
  "model",
  "priority",
  "scale",
  "stop",
  "text",
  "tool",
  "tool_calls",
  "url_citation",
]);

/** Whether a string is one of the API's own words. Anything else at such a place, an id too, is an upstream's text and is walked. */
export const isApiWord = (text: string): boolean => words.has(text);
