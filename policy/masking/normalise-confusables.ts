/**
 * Letters of other scripts that read as Latin ones.
 *
 * Picked by hand, not derived from Unicode Technical Standard 39's confusables.txt and far from all of it: letters of Cyrillic, Greek,
 * Armenian and Cherokee, Latin letters beyond ASCII, and a few others, that look like one ASCII letter in common typefaces. It knows no digits and no pairs
 * (`rn` for `m`). Full-width forms and mathematical alphabets need no entry: NFKC makes them ASCII before.
 */

/** Latin letter → what looks like it. */
const lookAlikes: Readonly<Record<string, string>> = {
  A: "АΑᎪ",
  B: "ВΒᏴ",
  C: "СϹᏟ",
  D: "Ꭰ",
  E: "ЕΕᎬ",
  F: "Ϝ",
  G: "ԌᏀ",
  H: "НΗᎻ",
  I: "ІΙӀ",
  J: "ЈͿᎫ",
  K: "КΚᏦ",
  L: "Ꮮ",
  M: "МΜᎷ",
  N: "Ν",
  O: "ОΟՕ",
  P: "РΡᏢ",
  Q: "Ԛ",
  R: "Ꭱ",
  S: "ЅՏᏚ",
  T: "ТΤᎢ",
  U: "Ս",
  V: "ѴᏙ",
  W: "ԜᎳ",
  X: "ХΧ",
  Y: "ҮΥ",
  Z: "ΖᏃ",
  a: "аαɑ",
  b: "Ьƅ",
  c: "сϲᴄ",
  d: "ԁᏧ",
  e: "еҽ",
  f: "ꬵք",
  g: "ɡց",
  h: "һհᏂ",
  i: "іιɩӏıɪ",
  j: "јϳ",
  k: "κк",
  l: "ⅼǀ",
  m: "ⅿ",
  n: "ոռ",
  o: "оοօσᴏ",
  p: "рρ",
  q: "ԛգզ",
  r: "гᴦ",
  s: "ѕꜱ",
  t: "τт",
  u: "υսᴜʋ",
  v: "ѵνᴠ",
  w: "ԝᴡա",
  x: "хᕁ",
  y: "уγүყ",
  z: "ᴢ",
};

/** Look-alike → the ASCII letter it reads as. */
export const latinLookAlikes: ReadonlyMap<string, string> = new Map(
  Object.entries(lookAlikes).flatMap(([letter, others]) => [...others].map((other) => [other, letter] as const)),
);
