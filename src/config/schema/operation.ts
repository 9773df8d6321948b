/** The part of the schema that names operations by their path. */

import { z } from "zod";
import { text } from "./leaf.ts";

/** RFC 9110 section 9.1: methods are case-sensitive, and those in use are in upper case. */
const method = z.string().regex(/^[A-Z]{1,20}$/, "must be a method such as POST");

/** One segment: text, around at most one placeholder; or a last `**`. Characters of RFC 3986 section 3.3. */
const segment = /^(?:\*\*|[A-Za-z0-9._~!$&'()+,;=:@-]*(?:(?:\*|\{[A-Za-z_][A-Za-z0-9_]*\})[A-Za-z0-9._~!$&'()+,;=:@-]*)?)$/;

const isTemplate = (template: string): boolean => {
  const segments = template.split("/").slice(1);
  return (
    template.startsWith("/") &&
    segments.every((each, at) => segment.test(each) && each !== "." && each !== ".." && (each !== "**" || at === segments.length - 1))
  );
};

const template = z
  .string()
  .max(512, "must be at most 512 characters")
  .refine(isTemplate, "must be a path such as /v1/models/{model}:predict, with at most one placeholder a segment and ** only last")
  .refine((path) => !path.includes("//"), "must not have an empty segment")
  .refine((path) => path.split("{model}").length <= 2, "must name the model once");

/** How a rest connection names one operation. */
export const operation = z.strictObject({
  name: text.refine((value) => !value.includes("*"), "must not contain *").describe("What policies call it."),
  method: method.optional().describe("Absent: any method."),
  path: template.describe(
    "The path behind the route's prefix: {model} is the model's name, * or another {name} any text in a segment, a last ** any segments.",
  ),
  class: z
    .enum(["inference", "data", "control"])
    .default("inference")
    .describe("Data and control operations need their exact name in a policy."),
});
