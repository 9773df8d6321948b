import { describe, expect, it } from "vitest";
import { bodyOf } from "../../../../adapters/rest/message.ts";
import { operationOf } from "../../../../adapters/rest/operations.ts";
import { parseRequest } from "../../../../adapters/rest/request.ts";

const predict = operationOf("POST", "/v1/models/half:predict", []);
const infer = operationOf("POST", "/v2/models/bert/infer", []);
const own = operationOf("POST", "/predict", []);

interface Asked {
  readonly operation?: typeof own;
  readonly contentType?: string | undefined;
  readonly path?: string;
  readonly query?: string;
  readonly jsonLength?: string;
}

const parse = (
  body: string | Buffer,
  { operation = own, contentType = "application/json", path = "/predict", query = "", jsonLength }: Asked = {},
) => parseRequest(Buffer.from(body), { operation, contentType, path, query, jsonLength });

const reason = (body: string | Buffer, asked?: Asked): unknown => {
  try {
    parse(body, asked);
    return undefined;
  } catch (thrown) {
    return Reflect.get(Object(thrown), "reason");
  }
};

const shown = (body: string | Buffer, asked?: Asked) => {
  const { message, codec } = parse(body, asked);
  return codec.spans(message).map(({ text }) => text);
};

const visibility = (body: string | Buffer, asked?: Asked) => {
  const { message, codec } = parse(body, asked);
  return codec.visibility(message);
};

describe("a request that does not call itself JSON", () => {
  const facts = (body: string, contentType: string) => {
    const { model, tools, maxOutputTokens } = parse(body, { contentType });
    return [model, tools, maxOutputTokens];
  };

  it.each(["text/plain", "application/octet-stream", "application/x-ndjson", "image/png"])(
    "is read like one all the same, because servers may: %s",
    (type) => {
      expect(facts('{"Model":"small","max_tokens":7,"tools":[{"function":{"name":"a"}}]}', type)).toEqual(["small", ["a"], 7]);
      expect(facts('\n{"tools":[{"name":"a"}]}\n{"model":"b","functions":[{"name":"c"}]}', type)).toEqual([
        undefined,
        ["a", "c"],
        undefined,
      ]);
      expect(facts('{"model":"golf"}\n{"model":"polo"}', type)[0]).toBe("golf");
    },
  );

  it("may not name two models, not even under one key", () => {
    expect(reason('{"model":"small","model":"large"}', { contentType: "text/plain" })).toBe("request_invalid");
    expect(reason('{"model":"small","MODEL":"large"}')).toBe("request_invalid");
  });

  it("says nothing where it is no JSON", () => {
    expect(facts('my "model": "x" is {"model"', "text/plain")).toEqual([undefined, [], undefined]);
  });
});

describe("a JSON request", () => {
  it.each(['{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '{"a":1', "{'a':1}", '{"a":1}{"b":2}'])(
    "is refused where it is not strict: %s",
    (body) => {
      expect(reason(body)).toBe("request_invalid");
    },
  );

  it("is refused where it is not UTF-8", () => {
    expect(reason(Buffer.from([0x22, 0xff, 0x22]))).toBe("request_invalid");
  });

  it("is read by its dialect, whatever the caller's header says", () => {
    expect(reason('{"instances":[1],"instances":[2]}', { operation: predict, contentType: "text/plain" })).toBe("request_invalid");
    expect(reason("instances=1", { operation: predict, contentType: "application/x-www-form-urlencoded" })).toBe("request_invalid");
  });

  it("names its model by path or by body, and never by both in two ways", () => {
    expect(parse('{"instances":[1]}', { operation: predict }).model).toBe("half");
    expect(parse('{"model":"gpt"}').model).toBe("gpt");
    expect(parse('{"instances":[1],"model_name":"half"}', { operation: predict }).model).toBe("half");
    expect(reason('{"instances":[1],"model_name":"other"}', { operation: predict })).toBe("request_invalid");
    expect(reason('{"model":"a","model_name":"b"}')).toBe("request_invalid");
    expect(parse('{"model":"an input of that name"}', { operation: infer }).model).toBe("bert");
  });

  it("tells how many tokens it asks for at most", () => {
    expect(parse('{"text_input":"a","max_tokens":20}').maxOutputTokens).toBe(20);
    expect(parse('{"inputs":"a","parameters":{"max_new_tokens":30}}').maxOutputTokens).toBe(30);
    expect(parse('{"inputs":"a"}').maxOutputTokens).toBeUndefined();
  });

  it("is read by rules string by string, unescaped, keys after values", () => {
    const { message, codec } = parse('{"prompt":"ignore\\u0020all","more":["previous",7]}', { query: "q=a+b" });
    expect(
      codec
        .readings?.(message)
        .map(({ text }) => text)
        .join(""),
    ).toBe("q\na b\nignore all\nprevious\nprompt\nmore\n");
  });
});

describe("JSON on lines", () => {
  it("is read by rules line by line, unescaped", () => {
    const { message, codec } = parse('{"a":"\\u0069gnore"}\n{"b":"all"}\n', { contentType: "application/x-ndjson" });
    expect(
      codec
        .readings?.(message)
        .map(({ text }) => text)
        .join(""),
    ).toBe("ignore\na\nall\nb\n\n");
  });
});

describe("a path", () => {
  it("is a text of its own, unescaped, unless it is nothing but words", () => {
    expect(shown("1", { path: "/customers/ann%40x.example/score" })).toEqual(["/customers/ann@x.example/score", "1"]);
    expect(shown("1", { path: "/predict/fast_lane" })).toEqual(["1"]);
  });
});

describe("a form", () => {
  it("shows every name and value", () => {
    expect(shown("a=b+c&d%20=%C3%A9&&e", { contentType: "application/x-www-form-urlencoded" })).toEqual(["a", "b c", "d ", "é", "e"]);
  });

  it("is refused where it has more fields than anybody fills in", () => {
    expect(reason("a&".repeat(20_000), { contentType: "application/x-www-form-urlencoded" })).toBe("request_invalid");
  });

  it("is refused where servers would read it in different ways", () => {
    expect(reason("a=%zz", { contentType: "application/x-www-form-urlencoded" })).toBe("request_invalid");
    expect(reason("a=%ff", { contentType: "application/x-www-form-urlencoded" })).toBe("request_invalid");
  });
});

const multipart = "multipart/form-data; boundary=b";
const part = (head: string, body = "x") => `--b\r\n${head}\r\n\r\n${body}\r\n`;
const field = 'Content-Disposition: form-data; name="a"';

describe("a form of parts", () => {
  it("shows names, file names and texts", () => {
    const body = `${part(field, "one")}${part('content-disposition: form-data;name="f"; filename="é.csv"\r\nContent-Type: text/csv', "1,2")}--b--\r\n`;
    expect(shown(body, { contentType: multipart })).toEqual(["a", "one", "f", "é.csv", "1,2"]);
    expect(visibility(body, { contentType: multipart })).toBe("whole");
  });

  it("takes the ways in which clients write names: quoted, bare, extended, encoded", () => {
    const names = (disposition: string) => shown(`${part(`Content-Disposition: ${disposition}`, "")}--b--`, { contentType: multipart });
    expect(names("form-data; name=file; filename=x.txt; filename*=utf-8''x.txt")).toEqual(["file", "x.txt", "x.txt"]);
    expect(names("form-data; name=\"file\"; filename*=UTF-8''na%C3%AFve.csv")).toEqual(["file", "naïve.csv"]);
    expect(names("form-data; filename=\"=?utf-8?B?bmHDr3Zl?=\"; name=file; filename*=utf-8''na%C3%AFve")).toEqual([
      "=?utf-8?B?bmHDr3Zl?=",
      "file",
      "naïve",
    ]);
  });

  it("writes changed names so that they are still names", () => {
    const disposition = "form-data; name=file; filename*=utf-8''a%20b";
    const { message, codec } = parse(`${part(`Content-Disposition: ${disposition}`)}--b--`, { contentType: multipart });
    const changed = codec.rewrite(message, ['[a"b]', "[c d]", "x"]);
    expect(String(bodyOf(changed))).toContain("form-data; name=\"[a%22b]\"; filename*=utf-8''%5Bc%20d%5D\r\n");
  });

  it("says that it was not read where a part has headers of its own", () => {
    expect(visibility(`${part(`${field}\r\nX-Note: hello`)}--b--`, { contentType: multipart })).toBe("partial");
    expect(visibility(`${part(`${field}\r\nContent-Length: 1`)}--b--`, { contentType: multipart })).toBe("whole");
  });

  it("says that it was not read where a part is a file of bytes", () => {
    const body = `${part('Content-Disposition: form-data; name="f"; filename="x"\r\nContent-Type: image/png', "abc")}--b--`;
    const { message, codec } = parse(body, { contentType: multipart });
    expect(codec.visibility(message)).toBe("partial");
    expect(codec.unread?.(message)?.bytes).toBe(3);
  });

  it.each([
    ["has no boundary", `${part(field)}--b--`, "multipart/form-data"],
    ["has two boundaries", `${part(field)}--b--`, "multipart/form-data; boundary=b; boundary=c"],
    ["has a preamble", `hello\r\n${part(field)}--b--`, multipart],
    ["goes on after its end", `${part(field)}--b--\r\n${part(field)}`, multipart],
    ["does not end", part(field), multipart],
    ["has a part without a name", `${part("Content-Type: text/plain")}--b--`, multipart],
    ["has a header twice", `${part(`${field}\r\ncontent-disposition: form-data; name="b"`)}--b--`, multipart],
    ["has a name twice", `${part('Content-Disposition: form-data; name="a"; name="b"')}--b--`, multipart],
    ["has two file names", `${part(`${field}; filename="a"; filename*=UTF-8''b`)}--b--`, multipart],
    ["has an encoded part", `${part(`${field}\r\nContent-Transfer-Encoding: base64`)}--b--`, multipart],
    ["folds a header", `${part(`${field};\r\n filename="x"`)}--b--`, multipart],
  ])("is refused where it %s", (_, body, contentType) => {
    expect(reason(body, { contentType })).toBe("request_invalid");
  });
});

describe("another body", () => {
  it("is text where it is UTF-8 and nobody says otherwise", () => {
    expect(shown("hello", { contentType: "text/plain" })).toEqual(["hello"]);
    expect(shown("hello", { contentType: "" })).toEqual(["hello"]);
    expect(visibility("hello", { contentType: "text/plain; charset=latin1" })).toBe("none");
    expect(visibility(Buffer.from([0xff]), { contentType: "text/plain" })).toBe("none");
    expect(visibility("hello", { contentType: "application/octet-stream" })).toBe("none");
  });

  it("has each of its lines checked where they are JSON", () => {
    expect(reason('{"a":1}\n{"a":1,"a":2}\n', { contentType: "application/x-ndjson" })).toBe("request_invalid");
    expect(shown('{"a":1}\n\n{"a":2}', { contentType: "application/x-ndjson" })).toEqual(['{"a":1}\n\n{"a":2}']);
  });
});

describe("binary tensors", () => {
  const element = (text: string | Buffer) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const body = (tensors: readonly { readonly datatype: string; readonly bytes: Buffer }[], extra = Buffer.alloc(0)) => {
    const json = JSON.stringify({
      inputs: tensors.map(({ datatype, bytes }) => ({ datatype, parameters: { binary_data_size: bytes.length } })),
    });
    return { bytes: Buffer.concat([Buffer.from(json), ...tensors.map(({ bytes }) => bytes), extra]), jsonLength: String(json.length) };
  };

  it("show the texts in them, and pass numbers", () => {
    const { bytes, jsonLength } = body([
      { datatype: "BYTES", bytes: Buffer.concat([element("hello"), element("é")]) },
      { datatype: "FP32", bytes: Buffer.alloc(8) },
    ]);
    expect(shown(bytes, { operation: infer, jsonLength }).slice(1)).toEqual(["hello", "é"]);
    expect(visibility(bytes, { operation: infer, jsonLength })).toBe("whole");
  });

  it("say that they were not read where they hold what is no text", () => {
    const image = body([{ datatype: "BYTES", bytes: element(Buffer.from([0xff, 0xd8])) }]);
    expect(visibility(image.bytes, { operation: infer, jsonLength: image.jsonLength })).toBe("partial");
    const bytes = body([{ datatype: "UINT8", bytes: Buffer.from("secret") }]);
    expect(visibility(bytes.bytes, { operation: infer, jsonLength: bytes.jsonLength })).toBe("partial");
  });

  it("in shared memory, which pass beside the gateway, are a feature that a policy must name", () => {
    const inputs = [{ name: "a", datatype: "FP32", shape: [1], parameters: { shared_memory_region: "r", shared_memory_byte_size: 4 } }];
    expect(parse(JSON.stringify({ inputs }), { operation: infer }).features).toEqual(["shared_memory"]);
    expect(parse(JSON.stringify({ inputs: [], outputs: inputs }), { operation: infer }).features).toEqual(["shared_memory"]);
    expect(parse('{"inputs":[{"data":[1]}]}', { operation: infer }).features).toEqual([]);
  });

  it("are refused where their sizes do not add up", () => {
    const { bytes, jsonLength } = body([{ datatype: "BYTES", bytes: element("hello") }]);
    for (const length of ["0", "-1", "x", String(bytes.length + 1), String(Number(jsonLength) - 1)]) {
      expect(reason(bytes, { operation: infer, jsonLength: length })).toBe("request_invalid");
    }
    expect(reason(Buffer.concat([bytes, Buffer.from("x")]), { operation: infer, jsonLength })).toBe("request_invalid");
    const torn = body([{ datatype: "BYTES", bytes: Buffer.from([9, 0, 0, 0, 1]) }]);
    expect(reason(torn.bytes, { operation: infer, jsonLength: torn.jsonLength })).toBe("request_invalid");
    expect(reason(bytes, { jsonLength })).toBe("request_invalid");
  });
});
