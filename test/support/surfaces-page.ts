/** docs/surfaces.md, made from the adapters' tables. */

import { namedOperations as anthropicOperations } from "../../adapters/anthropic/operations.ts";
import { surfaces as anthropicSurfaces } from "../../adapters/anthropic/surfaces.ts";
import { namedOperations as openaiOperations } from "../../adapters/openai/operations.ts";
import { surfaces as openaiSurfaces } from "../../adapters/openai/surfaces.ts";
import type { Place } from "../../adapters/shared/place.ts";

/** One kind of message and where text stands in it, of whichever API. */
interface Surface {
  readonly api: string;
  readonly message: string;
  readonly event?: string;
  readonly places: Readonly<Record<string, Place>>;
}

/** An operation as policies name it, and where it stands. */
interface NamedOperation {
  readonly name: string;
  readonly class: string;
  readonly at: string;
}

/** What the page says of one API. */
interface Api {
  readonly title: string;
  /** A call that no operation names. */
  readonly unnamed: string;
  /** What its tables cannot say. */
  readonly note: string;
  readonly operations: readonly NamedOperation[];
  readonly surfaces: readonly Surface[];
}

const adjacent = `Text blocks that follow one another in one list are one text, in streams too: their lane is the first one's. A signature is emptied where the thinking that it
vouches for was masked, and such thinking is taken out of later requests.
`;

const apis: readonly Api[] = [
  { title: "OpenAI", unnamed: "POST /v1/evals", note: "", operations: openaiOperations, surfaces: openaiSurfaces },
  { title: "Anthropic", unnamed: "POST /v1/skills", note: adjacent, operations: anthropicOperations, surfaces: anthropicSurfaces },
];

const intro = `# Where text lives

Made from the adapters' tables by \`npx tsx scripts/surfaces.ts\`; a test holds it to them. What stands here is read as text of its author; whatever no table names is walked all
the same, string by string and key by key, as \`data\`. *Lane* is how far one text reaches: texts of one lane, in order, spell one text, so that a value cut between them is found.
\`stream\` lanes run on from event to event; the others end with their message, and parts below the lane's name are one text.

Identifiers, settings and words of an API are not listed: in answers they are walked too, unless they are the API's own words; in requests they pass while they look like identifiers.
Signatures and encrypted content pass while they are nothing but long base64. Images, audio and files count as unread (\`onUnmaskable\`) while they are base64. What repeats text as numbers (log-probabilities, token ids) is removed while text is masked.
`;

const laneOf = (path: string, place: Extract<Place, { kind: "text" }>): string => {
  if (place.scope === "stream") return "stream";
  const segments = path.split(".");
  return place.depth >= segments.length ? "its own" : `\`${segments.slice(0, place.depth).join(".")}\``;
};

const line = ([path, place]: readonly [string, Place]): string[] => {
  if (place.kind === "echo") return [`| \`${path}\` | removed while masking | |`];
  if (place.kind !== "text") return [];
  const author = place.tokenIds ? `${place.author} (token ids cannot be read)` : place.author;
  return [`| \`${path}\` | ${author}${place.syntax === "json" ? ", JSON" : ""} | ${laneOf(path, place)} |`];
};

const titleOf = ({ api, message, event }: Surface): string => (event === undefined ? `${api}: ${message}` : `${api}: event \`${event}\``);

const section = (title: string, rows: readonly string[]): string =>
  `### ${title}\n\n| path | author | lane |\n|---|---|---|\n${rows.join("\n")}\n`;

/** Surfaces whose rows are the same share a section, in the order of the first. */
const sections = ({ surfaces }: Api): readonly string[] => {
  const titles = new Map<string, string[]>();
  for (const surface of surfaces) {
    const rows = Object.entries(surface.places).flatMap(line).join("\n");
    if (rows === "") continue;
    const known = titles.get(rows);
    if (known === undefined) titles.set(rows, [titleOf(surface)]);
    else known.push(titleOf(surface));
  }
  return Array.from(titles, ([rows, names]) => section(names.join(", "), rows.split("\n")));
};

const operations = ({ title, unnamed, operations: named }: Api): string => {
  const rows = named.map(({ name, class: kind, at }) => `| \`${name}\` | ${kind} | \`${at}\` |`);
  return `## Operations of the ${title} API\n\nThe names that policies use. Data and control operations need theirs in a policy; any other path is a control operation called by method and path (\`${unnamed}\`).\n\n| operation | class | path |\n|---|---|---|\n${rows.join("\n")}\n`;
};

/** The page. */
export const surfacesPage = (): string =>
  [intro, ...apis.flatMap((api) => [operations(api), `## ${api.title}\n${api.note === "" ? "" : `\n${api.note}`}`, ...sections(api)])].join(
    "\n",
  );
