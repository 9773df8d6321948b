/** Time windows: whether a moment lies in one of several weekly windows, by the clock of a place. */

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** From `from` to before `to`; where `to` is not later, the window goes on past midnight and belongs to the day that it began on. */
export interface TimeWindow {
  /** Absent: every day. */
  readonly days?: readonly Weekday[] | undefined;
  /** `HH:MM`, 00:00 to 24:00. */
  readonly from: string;
  readonly to: string;
  /** An IANA time zone: `Europe/Berlin`. */
  readonly zone: string;
}

/** A window that is none, or a zone that nobody knows. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

const names: readonly string[] = weekdays;
const minutesADay = 24 * 60;

const minutesOf = (text: string): number => {
  const [, hours = "", minutes = ""] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const value = Number(hours) * 60 + Number(minutes);
  if (hours === "" || Number(minutes) > 59 || value > minutesADay) throw new ScheduleError(`${text} is no time of day: write 08:00.`);
  return value;
};

/** What a place's clock shows. */
interface Clock {
  readonly day: number;
  readonly minute: number;
}

const clockOf = (zone: string): ((at: number) => Clock) => {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  } catch {
    throw new ScheduleError(`${zone} is no time zone: write Europe/Berlin.`);
  }
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = names.indexOf(parts.get("weekday")?.toLowerCase() ?? "");
    return { day, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
  };
};

const compileWindow = ({ days, from, to, zone }: TimeWindow): ((at: number) => boolean) => {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const on = new Set((days ?? weekdays).map((day) => weekdays.indexOf(day)));
  const read = clockOf(zone);
  const pastMidnight = end <= begin;
  return (at) => {
    const { day, minute } = read(at);
    if (!pastMidnight) return on.has(day) && minute >= begin && minute < end;
    const yesterday = (day + weekdays.length - 1) % weekdays.length;
    return (on.has(day) && minute >= begin) || (on.has(yesterday) && minute < end);
  };
};

/** A test for moments, milliseconds since the epoch. Throws {@link ScheduleError}. */
export const compileSchedule = (windows: readonly TimeWindow[]): ((at: number) => boolean) => {
  const compiled = windows.map(compileWindow);
  return (at) => compiled.some((fits) => fits(at));
};
