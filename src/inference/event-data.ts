/** The data of one server-sent event (WHATWG HTML, "Interpreting an event stream"). */

const lineBreak = /\r\n|\r|\n/;

/** The event's `data` lines, joined; undefined for an event that has none, such as a comment. */
export const dataOf = (event: string): string | undefined => {
  const lines: string[] = [];
  for (const line of event.split(lineBreak)) {
    if (line.startsWith("data:")) lines.push(line.charAt(5) === " " ? line.slice(6) : line.slice(5));
    else if (line === "data") lines.push("");
  }
  return lines.length === 0 ? undefined : lines.join("\n");
};
