/** Where the parts of a configuration stand that came out of the file and the database. */

import { type ObjectKind, objectKinds, sectionOf } from "./documents.ts";
import { type Finding, type Path, type Problem, printPath } from "./problem.ts";
import type { Places } from "./source.ts";

/** How many objects of each kind the file has; those of the database come behind them. */
export type Counts = Readonly<Record<ObjectKind, number>>;

/** What names an object. */
export interface ObjectName {
  readonly kind: ObjectKind;
  readonly name: string;
}

/** A name given in a call, safe and short enough for a terminal. */
export const printName = ({ kind, name }: ObjectName): string => `${kind} ${JSON.stringify(name.slice(0, 64))}`;

export class UnitedPlaces implements Places {
  readonly #file: Places;
  readonly #counts: Counts;
  readonly #objects: readonly ObjectName[];

  /** `objects`: those of the database, each kind in the order in which it stands behind the file's. */
  constructor(file: Places, counts: Counts, objects: readonly ObjectName[]) {
    this.#file = file;
    this.#counts = counts;
    this.#objects = objects;
  }

  problem(finding: Finding): Problem {
    const [section, index, ...rest] = finding.path;
    const object = this.#objectAt(section, index);
    return object === undefined
      ? this.#file.problem(finding)
      : { object: printName(object), at: printPath(rest), message: finding.message };
  }

  #objectAt(section: Path[number] | undefined, index: Path[number] | undefined): ObjectName | undefined {
    const kind = objectKinds.find((each) => sectionOf[each] === section);
    if (kind === undefined || typeof index !== "number") return undefined;
    return this.#objects.filter((object) => object.kind === kind)[index - this.#counts[kind]];
  }
}
