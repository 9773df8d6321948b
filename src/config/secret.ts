/** A secret that does not print itself. */

/** Node's symbol for how a value prints in `util.inspect` and `console` (https://nodejs.org/api/util.html#utilinspectcustom). */
const inspected = Symbol.for("nodejs.util.inspect.custom");

const hidden = "[secret]";

/**
 * A value from a secret field. Printing, inspecting and serialising it give `[secret]`; only {@link Secret.reveal} gives the value,
 * to the one part of the house that needs it.
 */
export class Secret {
  /** What the file says: `${env:NAME}`, `${file:PATH}`, or a text around one. Holds no secret, and is what `--check` prints. */
  readonly reference: string;
  /** Absolute paths of the files that it was read from. */
  readonly files: readonly string[];
  readonly #value: string;

  constructor(value: string, reference: string, files: readonly string[] = []) {
    this.#value = value;
    this.reference = reference;
    this.files = files;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspected](): string {
    return hidden;
  }
}
