/** Tells registration plates from dates and times. */

import type { Validator } from "../masking/detector.ts";
import { compact } from "./compact.ts";

const TIME_WORDS = new Set(
  "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC OCA SUB NIS MAJ OKT DEZ DIC AM PM MON TUE WED THU FRI SAT SUN".split(" "),
);

/** Refuses `12 MAY 2020`: a day, a month and a year. */
export const plate: () => Validator = compact((text) => !TIME_WORDS.has(text.replaceAll(/\d/g, "")));
