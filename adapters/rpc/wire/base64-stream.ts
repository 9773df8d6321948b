/** gRPC-Web's text mode (grpc/grpc `doc/PROTOCOL-WEB.md`): the body in base64, in one run or in several padded ones. */

/** Characters that stand for three bytes. */
const groupChars = 4;
const groupBytes = 3;

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/** Decodes text mode as it arrives, however it is cut. */
export class Base64Decoder {
  #held = "";

  /** Whether the text stands within a group. */
  get partial(): boolean {
    return this.#held !== "";
  }

  /** The bytes that these characters complete. Throws an Error for what is not base64. */
  push(chunk: Buffer): Buffer {
    const text = this.#held + chunk.toString("latin1").replaceAll(/\s/g, "");
    const whole = text.length - (text.length % groupChars);
    this.#held = text.slice(whole);
    const runs = text.slice(0, whole).match(/[^=]+={0,2}/g) ?? [];
    return Buffer.concat(
      runs.map((run) => {
        if (!alphabet.test(run) || run.length % groupChars !== 0) throw new Error("not base64");
        return Buffer.from(run, "base64");
      }),
    );
  }
}

/** Encodes one run, without padding before its end. */
export class Base64Encoder {
  #held: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): string {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const whole = all.length - (all.length % groupBytes);
    this.#held = all.subarray(whole);
    return all.toString("base64", 0, whole);
  }

  end(): string {
    return this.#held.toString("base64");
  }
}
