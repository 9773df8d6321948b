/** Reading examples in which guillemets mark what must be covered. */

export interface Marked {
  readonly text: string;
  /** Offsets of what must be covered. */
  readonly marks: readonly (readonly [number, number])[];
  readonly covered: readonly string[];
}

/** Takes the marks out of an example; without marks the whole text must be covered. */
export function readMarked(example: string): Marked {
  if (!example.includes("«")) return { text: example, marks: [[0, example.length]], covered: [example] };
  const marks: [number, number][] = [];
  const covered: string[] = [];
  let text = "";
  for (const part of example.split("«").entries()) {
    const [index, piece] = part;
    const end = piece.indexOf("»");
    if (index > 0) {
      marks.push([text.length, text.length + end]);
      covered.push(piece.slice(0, end));
    }
    text += index === 0 ? piece : piece.slice(0, end) + piece.slice(end + 1);
  }
  return { text, marks, covered };
}
