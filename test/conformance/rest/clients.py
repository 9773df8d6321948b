"""Clients of REST model servers, unmodified but for the address: requests against a Flask app and TensorFlow Serving, and the official tritonclient.

Each case asks the server itself and then the gateway. Prints a line for each case; exits 1 when one failed. Run by run.ts.
"""

import json
import os
import sys
import traceback

import numpy
import requests
import tritonclient.http as triton

SECRET = os.environ["WEIR_SECRET"]
LABEL = os.environ["WEIR_LABEL"]
APP, APP_WEIR, APP_MEDIA = os.environ["APP_URL"], os.environ["APP_WEIR_URL"], os.environ["APP_MEDIA_URL"]
MODELS, MODELS_WEIR = os.environ["MODELS_URL"], os.environ["MODELS_WEIR_URL"]

session = requests.Session()


def masked(text):
    return text.replace(SECRET, LABEL)


def same(method, path, status=200, via=APP_WEIR, direct=APP, headers=("content-type",), **more):
    """The gateway's answer is the server's own, masked."""
    expected = session.request(method, direct + path, **more)
    got = session.request(method, via + path, **more)
    assert (expected.status_code, got.status_code) == (status, status), (expected.status_code, got.status_code, got.text[:200])
    assert got.text == masked(expected.text), (got.text[:200], expected.text[:200])
    for name in headers:
        assert got.headers.get(name) == expected.headers.get(name), (name, got.headers.get(name), expected.headers.get(name))
    assert SECRET not in str(got.headers)
    assert got.headers["x-request-id"]
    return got


def flask_json():
    same("POST", "/predict", json={"values": [1, 2.5, 3], "note": "naïve “quotes”"})
    same("GET", "/customers/ann?a=1&a=2&b=%20")
    same("GET", "/nowhere", status=404)
    same("GET", "/fails", status=500)
    same("GET", "/zipped")


def flask_methods():
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"]:
        same(method, "/echo", data=None if method == "GET" else "some text".encode())
    head = session.head(APP_WEIR + "/customers/ann")
    assert (head.status_code, head.text) == (200, "")
    gone = session.delete(APP_WEIR + "/customers/ann")
    assert (gone.status_code, gone.content) == (204, b"")
    assert session.get(APP_WEIR + "/upload").status_code == 405


def flask_streams():
    same("GET", "/stream/text")
    same("GET", "/stream/lines")
    with session.get(APP_WEIR + "/stream/events", stream=True) as answer:
        events = [line[6:] for line in answer.iter_lines(decode_unicode=True) if line.startswith("data: ")]
    assert events[-1] == "[DONE]", events
    said = "".join(json.loads(event)["token"] for event in events[:-1])
    assert said == f"The card is {LABEL}, thank you.", said


def flask_files():
    got = same("GET", "/files/report.csv", headers=("content-type", "content-disposition"))
    assert got.headers["etag"].startswith("W/"), got.headers["etag"]
    unchanged = session.get(APP_WEIR + "/files/report.csv", headers={"If-None-Match": got.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b""), unchanged.status_code
    same("GET", "/files/plain.csv", headers=("content-type", "content-disposition"))
    ranged = session.get(APP_WEIR + "/files/plain.csv", headers={"Range": "bytes=5-9"})
    assert ranged.status_code == 200 and len(ranged.content) > 10
    refused = session.get(APP_WEIR + "/files/chart.png")
    assert (refused.status_code, refused.json()["code"]) == (403, "content_unreadable"), refused.text
    passed = session.get(APP_MEDIA + "/files/chart.png")
    assert passed.content == session.get(APP + "/files/chart.png").content
    assert passed.headers["content-length"] == str(len(passed.content))


def flask_forms():
    same("POST", "/upload", data={"a": ["1", "é &=+"], "b": ""})
    same("POST", "/upload", data={"a": "x"}, files={"f": ("naïve.csv", "a,b\n1,2\n", "text/csv"), "g": ("g.txt", "plain")})
    told = session.post(APP_WEIR + "/upload", data={"note": SECRET}, files={"f": ("f.csv", f"card\n{SECRET}\n", "text/csv")}).json()
    assert told == {"fields": {"note": [LABEL]}, "files": {"f": {"filename": "f.csv", "type": "text/csv", "text": f"card\n{LABEL}\n"}}}, told


def flask_redirects():
    followed = session.get(APP_WEIR + "/old")
    assert followed.url == APP_WEIR + "/customers/ann" and followed.json()["card"] == LABEL, followed.url
    assert session.get(APP_WEIR + "/folder").text == "folder"


def tensorflow_serving():
    def tf(method, path, **more):
        return same(method, "/v1/models/half_plus_two" + path, via=MODELS_WEIR, direct=MODELS, **more)

    # The client of the documentation: no media type, a body made by json.dumps.
    body = json.dumps({"signature_name": "serving_default", "instances": [1.0, 2.0, 5.0]})
    assert tf("POST", ":predict", data=body).json() == {"predictions": [2.5, 3.0, 4.5]}
    assert tf("POST", "/versions/123:predict", data=json.dumps({"inputs": {"x": [3.0]}})).json() == {"outputs": {"y": [3.5]}}
    assert tf("POST", ":predict", data=json.dumps({"instances": ["hello"]})).json() == {"predictions": [f"hello {LABEL}"]}
    assert tf("POST", ":classify", data=json.dumps({"examples": [{"x": 1.0}]})).json()["results"][0][1][0] == LABEL
    assert tf("POST", ":regress", data=json.dumps({"examples": [{"x": 1.0}]})).json() == {"results": [2.5]}
    tf("GET", "")
    tf("GET", "/metadata")
    assert session.get(MODELS_WEIR + "/v1/models/other").status_code == 404


def triton_client(address):
    return triton.InferenceServerClient(url=address.removeprefix("http://"))


def texts(name, items, binary):
    tensor = triton.InferInput(name, [len(items)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([item.encode() for item in items], dtype=object), binary_data=binary)
    return tensor


def triton_health():
    client = triton_client(MODELS_WEIR)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("text")
    assert client.get_server_metadata()["name"] == "server"
    assert client.get_model_metadata("text")["name"] == "text"


def triton_infer():
    for binary_in in [True, False]:
        for binary_out in [True, False]:
            for coding in [None, "gzip", "deflate"]:
                outputs = [triton.InferRequestedOutput("OUT", binary_data=binary_out)]
                items = ["hello", "", "ünï 😀", f"my card is {SECRET}, ok?"]
                result = triton_client(MODELS_WEIR).infer(
                    "text", [texts("IN", items, binary_in)], outputs=outputs, request_compression_algorithm=coding, response_compression_algorithm=coding
                )
                said = [item.decode() if isinstance(item, bytes) else item for item in result.as_numpy("OUT").tolist()]
                assert said == [f"{masked(item)} {LABEL}" for item in items], said


def triton_control():
    try:
        triton_client(MODELS_WEIR).get_model_repository_index()
    except triton.InferenceServerException as error:
        assert error.status() == "401", error
    else:
        raise AssertionError("a control operation was allowed")


def triton_generate():
    got = same("POST", "/v2/models/text/generate", via=MODELS_WEIR, direct=MODELS, json={"text_input": "hello"})
    assert got.json()["text_output"] == f"hello {LABEL}"
    with session.post(MODELS_WEIR + "/v2/models/text/generate_stream", json={"text_input": "hello"}, stream=True) as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines(decode_unicode=True) if line.startswith("data: ")]
    assert "".join(event["text_output"] for event in events) == f"hello {LABEL} .", events


CASES = [
    flask_json,
    flask_methods,
    flask_streams,
    flask_files,
    flask_forms,
    flask_redirects,
    tensorflow_serving,
    triton_health,
    triton_infer,
    triton_generate,
    triton_control,
]

failed = 0
for case in CASES:
    try:
        case()
        print(f"ok      {case.__name__}")
    except Exception:
        failed += 1
        print(f"failed  {case.__name__}")
        traceback.print_exc()
print(f"{len(CASES) - failed} of {len(CASES)} cases passed")
sys.exit(1 if failed else 0)
