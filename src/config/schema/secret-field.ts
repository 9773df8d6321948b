/** Fields that hold secrets: a reference, resolved while the file is read; a literal secret is an error (ARCHITECTURE.md 1.2). */

import { z } from "zod";
import { hasReference, type ReferenceSources, resolveReferences, standIn, withoutReferences } from "../references.ts";
import { Secret } from "../secret.ts";

/** What may stand in a field, once references are replaced by {@link standIn}; a reason where it may not. */
type Shape = (withStandIns: string) => string | undefined;

const references = `\${env:NAME} or \${file:PATH}`;

const wholeReference: Shape = (text) => (text === standIn ? undefined : `must be ${references}: a secret does not stand in this file`);

/** A scheme such as `Bearer ` before the reference, as RFC 9110 section 11.1 names schemes. */
const credentialShape = new RegExp(`^(?:[A-Za-z][A-Za-z0-9-]{0,30} )?${standIn}$`);

const credential: Shape = (text) =>
  credentialShape.test(text)
    ? undefined
    : `must be ${references}, a scheme such as "Bearer " before it at most: a secret does not stand in this file`;

const postgresSchemes: ReadonlySet<string> = new Set(["postgres:", "postgresql:"]);

const database: Shape = (text) => {
  if (text === standIn) return undefined;
  if (!URL.canParse(text) || !postgresSchemes.has(new URL(text).protocol))
    return "must be the word embedded, a postgres:// URL, or a reference to one";
  const { password, searchParams } = new URL(text);
  const passwords = [password, searchParams.get("password") ?? ""].filter((each) => each !== "" && each !== standIn);
  return passwords.length === 0 ? undefined : `the password must be ${references}: a secret does not stand in this file`;
};

const field = (sources: ReferenceSources, shape: Shape, read: (text: string) => string = (text) => text) =>
  z.string().transform((written, context): Secret => {
    const text = read(written);
    const wrong = shape(withoutReferences(text));
    const secret = wrong === undefined ? resolveReferences(text, sources) : { reason: wrong };
    if (!("reason" in secret)) return secret;
    // INVARIANT: the issue has no `input`, which would be printed with it.
    context.issues.push({ code: "custom", message: secret.reason, input: undefined });
    return z.NEVER;
  });

/** What stands in the file of a certificate or key, and must not stand in this one. */
const pemBegins = "-----BEGIN";

/** A path is how a reference to a file is mostly written where the text is a file's by nature. */
const asReference = (text: string): string => (hasReference(text) || text.includes(pemBegins) ? text : `\${file:${text}}`);

/** The secret fields of one reading of the file. */
export const secretFields = (sources: ReferenceSources) => ({
  /** A reference and nothing else. */
  whole: () => field(sources, wholeReference),
  /** A reference, with an authentication scheme before it. */
  credential: () => field(sources, credential),
  /** The path of a file, or a reference. */
  pem: () => field(sources, wholeReference, asReference),
  /** A PostgreSQL URL, which may be literal when it has no password. */
  database: () => field(sources, database),
});

export type SecretFields = ReturnType<typeof secretFields>;

/** Longer than any credential that fits into the headers of a request, characters. */
const maxLiteralLength = 8_192;

const elsewhere = "must be the secret itself: references are resolved only by the process that opened a file";

/** The secret fields of what does not stand in a file: secrets themselves, sealed wherever they are kept. */
export const literalSecrets: Pick<SecretFields, "credential"> = {
  credential: () =>
    z
      .string()
      .max(maxLiteralLength, `must be at most ${maxLiteralLength} characters`)
      .transform((text, context): Secret => {
        if (!hasReference(text)) return new Secret(text, "[sealed]");
        // INVARIANT: the issue has no `input`, which would be printed with it.
        context.issues.push({ code: "custom", message: elsewhere, input: undefined });
        return z.NEVER;
      }),
};
