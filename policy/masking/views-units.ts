/** What each code unit means to views: one look at a unit tells all of them whether it concerns any. */

import { isBase64 } from "./views-base64.ts";
import { foldableUnits, unitClass } from "./views-fold.ts";

/** Concerns no view, and stands in no head of a data URL. */
export const OTHER = 0;
/** Of a base64 alphabet. */
export const BASE64 = 1;
/** Stands in the head of a data URL (RFC 2397), as the base64 units do. */
export const HEAD = 2;
/** Without a unit of this kind, neither the folded nor the unescaped view differs from the text. */
export const WAKES = 3;

const wakingUnits: readonly number[] = [...foldableUnits, ..."%\\"].map((unit) => (typeof unit === "number" ? unit : unit.charCodeAt(0)));

/** Kinds by code unit. */
export const unitKinds: Uint8Array = kindTable();

function kindTable(): Uint8Array {
  const kinds = new Uint8Array(0x10000).fill(OTHER);
  for (let unit = 0; unit < 0x80; unit++) if (isBase64(unit)) kinds[unit] = BASE64;
  // The long s and the Kelvin sign are ASCII letters to an expression that ignores case.
  for (const unit of ".=:;,\u017f\u212a") kinds[unit.charCodeAt(0)] = HEAD;
  for (const unit of wakingUnits) kinds[unit] = WAKES;
  return kinds;
}

/** Longer texts are searched by V8's own means, which look at many units at once. */
const longText = 64;
const lastNarrow = 0xff;
const wakingNarrow = wakingUnits.filter((unit) => unit <= lastNarrow).map((unit) => String.fromCharCode(unit));
/** V8 keeps most texts as one byte a unit, and sees at once that this is not in them. */
const wakingWide = new RegExp(`[${unitClass(wakingUnits.filter((unit) => unit > lastNarrow))}]`);

/** Whether no view can wake in a text. */
export const wakesNothing = (text: string): boolean => {
  if (text.length > longText) return !wakingNarrow.some((unit) => text.includes(unit)) && !wakingWide.test(text);
  for (let at = 0; at < text.length; at++) if (unitKinds[text.charCodeAt(at)] === WAKES) return false;
  return true;
};
