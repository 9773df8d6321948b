/** Deadlines as gRPC writes them (gRPC over HTTP2, "Timeout"). */

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

const timeout = /^(\d{1,8})([HMSmun])$/;

/** Milliseconds; undefined for what is no timeout. */
export const parseGrpcTimeout = (value: string): number | undefined => {
  const [, digits, unit = ""] = timeout.exec(value) ?? [];
  const ms = units[unit];
  return ms === undefined ? undefined : Number(digits) * ms;
};

/** The largest number that a timeout's eight digits hold. */
const mostDigits = 99_999_999;

/** A timeout of so many milliseconds, in the finest unit that holds it, at least one. */
export const formatGrpcTimeout = (ms: number): string => {
  const whole = Math.max(1, Math.floor(ms));
  if (whole <= mostDigits) return `${whole}m`;
  return `${Math.min(mostDigits, Math.floor(whole / 1_000))}S`;
};
