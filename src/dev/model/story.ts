/** What the sample model says: lively text full of made-up secrets. */

import { drawSecrets, type Random, type Secrets } from "./secrets.ts";

type Story = (secrets: Secrets) => string;

const stories: readonly Story[] = [
  ({
    person,
    email,
    card,
    awsKeyId,
    awsSecretKey,
    jwt,
  }) => `Once upon a sprint, ${person} pasted a whole notebook into the chat, and here is what it said.

The customer behind ticket 4711 writes from ${email} and, against all advice, sent the card number ${card} along with it. The deploy script is no better: it exports

    AWS_ACCESS_KEY_ID=${awsKeyId}
    AWS_SECRET_ACCESS_KEY=${awsSecretKey}

and then calls the billing service with "Authorization: Bearer ${jwt}". Everything else in the notebook was a recipe for lentil soup.`,

  ({ person, email, iban, githubToken, awsKeyId }) => `Certainly! A short summary of the meeting:

1. ${person} (${email}) will move the invoices. The refund goes to ${iban}.
2. The build is red, because the token ${githubToken} in the workflow file has expired. Please do not paste the next one here as well.
3. Nobody knows who owns the key ${awsKeyId}, and nobody dared to delete it.

The next meeting is on Thursday, and there will be cake.`,

  ({ person, email, card, jwt, githubToken }) => `Let me think about that out loud. The log of last night has three lines that matter:

    02:13:07 login ${email} ok
    02:13:09 session ${jwt}
    02:14:41 push with ${githubToken}

So ${person} was awake at two in the morning, which explains the commit message. The payment test still uses ${card}, and it still passes.`,
];

/** Characters of the caller's own words that are said again. */
const longestEcho = 240;

/** Something to say, with what the caller said at its beginning: what was masked on the way here shows. */
export const tellStory = (random: Random, asked: string): string => {
  const story = stories[Math.floor(random() * stories.length)] ?? stories[0];
  const words = asked.trim().slice(0, longestEcho);
  const beginning = words === "" ? "" : `You said: "${words}"\n\n`;
  return beginning + (story?.(drawSecrets(random)) ?? "");
};

/** What a reasoning model mutters first. */
export const tellThought = (random: Random): string => {
  const { email, awsKeyId } = drawSecrets(random);
  return `The caller wants a story. I remember ${email} and the key ${awsKeyId}; I should not repeat them, but models do.`;
};

/** A value for an argument of a tool, by the argument's name. */
export const inventArgument = (random: Random, name: string): string => {
  const secrets = drawSecrets(random);
  if (/mail|recipient|^to$/i.test(name)) return secrets.email;
  if (/card|payment/i.test(name)) return secrets.card;
  if (/token|key|secret|auth/i.test(name)) return secrets.githubToken;
  if (/iban|account/i.test(name)) return secrets.iban;
  return `${name} of ${secrets.person}, ${secrets.email}`;
};
