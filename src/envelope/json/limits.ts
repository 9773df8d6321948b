/** How large a JSON text may be in the dimensions that cost more than its bytes. */

export interface JsonLimits {
  /** Containers open at once. */
  readonly depth: number;
  /** Object keys in the whole text: each is remembered while its object is open, so that a second one is noticed. */
  readonly keys: number;
}

/** Far above what any model API sends (OpenAI's own schemas nest below 16), far below what costs memory worth an attack. */
export const defaultJsonLimits: JsonLimits = { depth: 128, keys: 200_000 };
