/** Documents of the configuration as YAML: keys in order, and nothing in it obeyed by a terminal or invisible. */

import { Document, Scalar, visit } from "yaml";
import { hasHidden, replaceHidden } from "../visible.ts";

/** YAML 1.2.2 section 5.7: `\u` and four digits, `\U` and eight. */
const yamlEscape = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
};

/** YAML reads it back as it was: what is hidden stands as an escape, within double quotes. Empty for a document without keys. */
export const documentText = (value: Readonly<Record<string, unknown>>): string => {
  if (Object.keys(value).length === 0) return "";
  const document = new Document(value, { sortMapEntries: true, aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === "string" && hasHidden(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
  return replaceHidden(text, (character) => (character === "\n" ? character : yamlEscape(character)));
};
