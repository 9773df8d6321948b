import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { publishSchema } from "../../../src/config/index.ts";

interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** Paths of fields without a description. */
const undescribed = (shape: Shape, path: string): readonly string[] => [
  ...Object.entries(shape.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(field, `${path}.${name}`),
  ]),
  ...(shape.items === undefined ? [] : undescribed(shape.items, `${path}[]`)),
];

describe("the published JSON Schema", () => {
  it("is the one in the repository (after a change: npm run schema)", () => {
    const committed: unknown = JSON.parse(readFileSync(new URL("../../../weir.schema.json", import.meta.url), "utf8"));
    expect(committed).toEqual(JSON.parse(JSON.stringify(publishSchema())));
  });

  it("describes every field, for editors to show", () => {
    const isShape = (schema: object): schema is Shape => "properties" in schema;
    const schema = publishSchema();
    expect(isShape(schema) ? undescribed(schema, "") : ["it is no schema of a map"]).toEqual([]);
  });
});
