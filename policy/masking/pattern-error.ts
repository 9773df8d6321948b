/** The error of a pattern that cannot be compiled. */

/** A pattern outside the subset of rule 7, or wrong JavaScript syntax. */
export class PatternError extends Error {
  /** UTF-16 offset in the pattern as it was written (a leading `(?i)` counts). */
  readonly position: number;
  /** The detector or rule the pattern belongs to, where it is known. */
  readonly detector: string | undefined;

  constructor(position: number, message: string, detector?: string) {
    super(message);
    this.name = "PatternError";
    this.position = position;
    this.detector = detector;
  }
}
