/**
 * Letters of other scripts that read as Latin ones.
 *
 * The single-letter entries of Unicode Technical Standard 39's confusables.txt whose prototype is an ASCII letter or digit, for the scripts that are used to
 * write around filters: Cyrillic, Greek, Armenian, and the Latin letters beyond ASCII that look like ASCII ones. Full-width forms and mathematical alphabets
 * need no entry: NFKC makes them ASCII before.
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
