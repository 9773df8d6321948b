/** Tells registration plates from dates, times and quantities. */

import type { Validator } from "../masking/detector.ts";
import { compact } from "./compact.ts";

const NO_PLATES = new Set(
  "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC OCA SUB NIS MAJ OKT DEZ DIC AM PM MON TUE WED THU FRI SAT SUN KB MB GB TB KG MG MM CM KM HZ MHZ GHZ MS USD EUR GBP TRY AND OR OF ON IN TO AT BY".split(
    " ",
  ),
);

/** Refuses `12 MAY 2020` and `16 GB 2400`: a day, a month and a year, or a number with its unit. */
export const plate: () => Validator = compact((text) => !NO_PLATES.has(text.replaceAll(/\d/g, "")));
