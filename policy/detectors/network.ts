/** Checks of network addresses. */

import type { Validator } from "../masking/detector.ts";
import { isDigit } from "./compact.ts";

const MAX_UNITS = 70;
const GROUPS = 8;
const V4_TAIL_GROUPS = 2;

/** Collects the whole candidate, separators included: addresses are short. */
class Whole implements Validator {
  private text = "";
  private readonly check: (text: string) => boolean;

  constructor(check: (text: string) => boolean) {
    this.check = check;
  }

  push(unit: number): void {
    if (this.text.length <= MAX_UNITS) this.text += String.fromCharCode(unit);
  }

  accepts(): boolean {
    return this.text.length <= MAX_UNITS && this.check(this.text);
  }
}

/** Validates IPv4 addresses of machines: not loopback (RFC 1122, 3.2.1.3), which is everyone's own, nor a network mask, nor "any". */
export const ipv4 = (): Validator => new Whole((text) => !/^(?:127\.|0\.0\.0\.0|255\.255\.)/.test(text));

/** Validates IPv6 addresses with zone, prefix length or an IPv4 tail (RFC 4291, section 2.2). */
export const ipv6 = (): Validator => new Whole(isIpv6);

/** Whether the text is an IPv6 address that names something: neither `::` nor a time of day. */
function isIpv6(text: string): boolean {
  const [, address = "", length = "0"] = /^([^%/]*)(?:%[^/]*)?(?:\/(\d+))?$/.exec(text) ?? [];
  const halves = address.split("::");
  if (halves.length > 2 || Number(length) > 128) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  if (!all.every((group, index) => isGroup(group, index === all.length - 1))) return false;
  const count = all.reduce((sum, group) => sum + (group.includes(".") ? V4_TAIL_GROUPS : 1), 0);
  return halves.length === 1 ? count === GROUPS : count > 0 && count < GROUPS && isNamed(all);
}

const isGroup = (group: string, last: boolean): boolean => /^[0-9A-Fa-f]{1,4}$/.test(group) || (last && isV4(group));

const isV4 = (text: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text.split(".").every((octet) => Number(octet) < 256);

/** Compressed addresses are told from code (`a::b`, `Face::add`) by a digit. */
const isNamed = (groups: readonly string[]): boolean =>
  groups.some((group) => [...group].some((character) => isDigit(character.charCodeAt(0))));

/** Validates MAC addresses and EUI-64: not all zeros or ones, and with a letter where spaces part the octets. */
export const mac = (): Validator => new Whole(isMac);

function isMac(text: string): boolean {
  const octets = text.replaceAll(/[^0-9A-Fa-f]/g, "");
  return !/^(?:0+|f+)$/i.test(octets) && (!text.includes(" ") || /[A-Fa-f]/.test(octets));
}
