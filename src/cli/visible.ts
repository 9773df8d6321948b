/** Text of the record on a terminal: nothing in it is obeyed, and nothing in it is invisible (ARCHITECTURE.md 1.1). */

/**
 * Control characters (ECMA-48: they move the cursor, change the clipboard), bidirectional controls (CVE-2021-42574), and what takes no room: format
 * characters, unassigned and private ones, lone surrogates, line and paragraph separators, variation selectors and tags, the blank of Braille.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{2800}]/gu;

/** Whether a text has something in it that a terminal would obey, or not show. */
export const hasHidden = (text: string): boolean => text.search(hidden) >= 0;

/** The text with something else in place of each character that a terminal would obey, or not show. */
export const replaceHidden = (text: string, replacement: (character: string) => string): string => text.replace(hidden, replacement);

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** The text on one line: what is hidden stands as its escape, backslashes doubled so that no escape can be forged. */
export const visibleLine = (text: string): string => replaceHidden(text.replaceAll("\\", "\\\\"), escaped);

/** The text with its lines: line feeds and tabs stay, for they harm nothing. */
export const visibleText = (text: string): string =>
  replaceHidden(text.replaceAll("\\", "\\\\"), (character) => (character === "\n" || character === "\t" ? character : escaped(character)));
