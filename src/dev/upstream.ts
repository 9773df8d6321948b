/** Which model `npm start` puts behind the gateway: the sample, or a real one named by the environment that OpenAI's own SDKs read. */

/** The environment, as far as it is read here. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Upstream {
  /** The connection's name. */
  readonly name: string;
  readonly url: string;
  /** Whether `OPENAI_API_KEY` holds its credential. */
  readonly credential: boolean;
  /** A model to try it with. */
  readonly model: string;
}

const openaiUrl = "https://api.openai.com/v1";

const given = (value: string | undefined): string | undefined => (value === undefined || value.trim() === "" ? undefined : value.trim());

/** The real upstream that the environment asks for; undefined: none. */
export const realUpstream = (env: Environment): Upstream | undefined => {
  const [url, key] = [given(env.OPENAI_BASE_URL), given(env.OPENAI_API_KEY)];
  if (url === undefined && key === undefined) return undefined;
  return {
    name: "openai",
    url: (url ?? openaiUrl).replace(/\/+$/, ""),
    credential: key !== undefined,
    model: given(env.OPENAI_MODEL) ?? "gpt-4o-mini",
  };
};

export const sampleUpstream = (url: string): Upstream => ({ name: "sample", url, credential: false, model: "sample" });
