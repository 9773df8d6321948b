/** Names at the prompt and in JSON for the values of the API's enumerations. */

/** The names of an enumeration. */
export interface Names<Name extends string, Value extends number> {
  /** In the order of their table. */
  readonly all: readonly Name[];
  readonly valueOf: (name: Name) => Value;
  /** `unknown` where a newer gateway has more of them. */
  readonly nameOf: (value: number) => string;
}

export const namesOf = <Name extends string, Value extends number>(values: Readonly<Record<Name, Value>>): Names<Name, Value> => {
  const all: Name[] = [];
  for (const name in values) all.push(name);
  return {
    all,
    valueOf: (name) => values[name],
    nameOf: (value) => all.find((name) => values[name] === value) ?? "unknown",
  };
};
