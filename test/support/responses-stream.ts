/** A Responses stream as the API writes it, made of the response that it ends with: every event that such a response's items bring. */

export interface Part {
  readonly type: string;
  readonly [member: string]: unknown;
}

export interface Item {
  readonly type: string;
  readonly id: string;
  readonly content?: readonly Part[];
  readonly summary?: readonly Part[];
  readonly [member: string]: unknown;
}

export interface WholeResponse {
  readonly status: string;
  readonly output: readonly Item[];
  readonly [member: string]: unknown;
}

export type Cut = (text: string) => readonly string[];

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What an item's text in one member is told by. */
interface Spoken {
  readonly member: string;
  readonly events: string;
}

const spokenMembers: Readonly<Record<string, readonly Spoken[]>> = {
  function_call: [{ member: "arguments", events: "function_call_arguments" }],
  mcp_call: [{ member: "arguments", events: "mcp_call_arguments" }],
  custom_tool_call: [{ member: "input", events: "custom_tool_call_input" }],
  code_interpreter_call: [{ member: "code", events: "code_interpreter_call_code" }],
};

const progressOf: Readonly<Record<string, readonly string[]>> = {
  code_interpreter_call: ["in_progress", "interpreting", "completed"],
  file_search_call: ["in_progress", "searching", "completed"],
  web_search_call: ["in_progress", "searching", "completed"],
  image_generation_call: ["in_progress", "generating", "completed"],
  mcp_call: ["in_progress", "completed"],
  mcp_list_tools: ["in_progress", "completed"],
};

const partEvents: Readonly<Record<string, { readonly events: string; readonly member: string }>> = {
  output_text: { events: "output_text", member: "text" },
  refusal: { events: "refusal", member: "refusal" },
  reasoning_text: { events: "reasoning_text", member: "text" },
  summary_text: { events: "reasoning_summary_text", member: "text" },
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const spokenText = (events: string, text: string, cut: Cut, at: object, member: string): Event[] => [
  ...cut(text).map((delta) => ({
    type: `response.${events}.delta`,
    ...at,
    delta,
    ...(events === "output_text" ? { logprobs: [], obfuscation: delta.slice(0, 1) } : {}),
  })),
  { type: `response.${events}.done`, ...at, [member]: text, ...(events === "output_text" ? { logprobs: [] } : {}) },
];

const partsOf = (list: "content" | "summary", item: Item, place: object, cut: Cut): Event[] =>
  (item[list] ?? []).flatMap((part, index) => {
    const { events, member } = partEvents[part.type] ?? { events: "output_text", member: "text" };
    const at = { ...place, [`${list}_index`]: index };
    const around = list === "content" ? "content_part" : "reasoning_summary_part";
    const annotations = Array.isArray(part.annotations) ? part.annotations : [];
    return [
      {
        type: `response.${around}.added`,
        ...at,
        part: { ...part, [member]: "", ...(part.annotations === undefined ? {} : { annotations: [] }) },
      },
      ...spokenText(events, textOf(part[member]), cut, at, member),
      ...annotations.map((annotation, annotation_index) => ({
        type: "response.output_text.annotation.added",
        ...at,
        annotation_index,
        annotation,
      })),
      { type: `response.${around}.done`, ...at, part },
    ];
  });

const itemEvents = (item: Item, output_index: number, cut: Cut): Event[] => {
  const place = { item_id: item.id, output_index };
  const spoken = spokenMembers[item.type] ?? [];
  const begun = { ...item, status: "in_progress" };
  const emptied = Object.fromEntries(spoken.map(({ member }) => [member, ""]));
  const lists = { ...(item.content === undefined ? {} : { content: [] }), ...(item.summary === undefined ? {} : { summary: [] }) };
  return [
    { type: "response.output_item.added", output_index, item: { ...begun, ...emptied, ...lists } },
    ...partsOf("summary", item, place, cut),
    ...partsOf("content", item, place, cut),
    ...spoken.flatMap(({ member, events }) => spokenText(events, textOf(item[member]), cut, place, member)),
    ...(progressOf[item.type] ?? []).map((state) => ({ type: `response.${item.type}.${state}`, ...place })),
    { type: "response.output_item.done", output_index, item },
  ];
};

/** The events in order, as JSON values; `extra` stand before the last. */
export const eventsOf = (response: WholeResponse, cut: Cut, extra: readonly Event[] = []): readonly Event[] => {
  const { error: _error, ...rest } = response;
  const begun = { ...rest, error: null, status: "in_progress", output: [], usage: null };
  const events: Event[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...response.output.flatMap((item, index) => itemEvents(item, index, cut)),
    ...extra,
    { type: `response.${response.status}`, response },
  ];
  return events.map(({ type, ...members }, sequence_number) => ({ type, sequence_number, ...members }));
};

/** An event on the wire. */
export const wireEvent = (event: Event): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
