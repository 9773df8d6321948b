"""Two model servers in one, as their documentation describes them, with the standard library alone.

TensorFlow Serving's REST API (model `half_plus_two`) and KServe's v2 protocol with binary tensors and Triton's generate extension (model `text`, which says what
it was told, between words of its own). Both refuse what does not follow their rules. Prints its port once it listens.
"""

import gzip
import json
import os
import re
import struct
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["WEIR_SECRET"]
LENGTH = "Inference-Header-Content-Length"


class Refused(Exception):
    pass


def elements(data):
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(data):
        raise Refused("a BYTES tensor that does not add up")
    return found


def packed(items):
    return b"".join(struct.pack("<I", len(item)) + item for item in items)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        coding = self.headers.get("Content-Encoding")
        return gzip.decompress(data) if coding == "gzip" else zlib.decompress(data) if coding == "deflate" else data

    def say(self, status, value, headers=None, binary=b""):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if binary else "application/json")
        if binary:
            self.send_header(LENGTH, str(len(text)))
        self.send_header("Content-Length", str(len(text) + len(binary)))
        self.end_headers()
        self.wfile.write(text + binary)

    def do_GET(self):
        path = self.path
        if re.fullmatch(r"/v1/models/half_plus_two(/versions/123)?", path):
            version = {"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
            self.say(200, {"model_version_status": [version]})
        elif path == "/v1/models/half_plus_two/metadata":
            self.say(200, {"model_spec": {"name": "half_plus_two", "version": "123"}, "metadata": {"signature_def": {}}})
        elif path == "/v2":
            self.say(200, {"name": "server", "version": "1", "extensions": ["binary_tensor_data", "generate"]})
        elif path in ("/v2/health/live", "/v2/health/ready", "/v2/models/text/ready"):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path == "/v2/models/text":
            self.say(200, {"name": "text", "versions": ["1"], "platform": "python", "inputs": [], "outputs": []})
        else:
            self.say(404, {"error": "unknown"})

    def do_POST(self):
        try:
            self.post(self.body())
        except (Refused, ValueError, KeyError, struct.error) as error:
            self.say(400, {"error": repr(error)})

    def post(self, body):
        verb = re.fullmatch(r"/v1/models/half_plus_two(?:/versions/123)?:(predict|classify|regress)", self.path)
        if verb:
            self.tensorflow(verb[1], json.loads(body))
        elif self.path == "/v2/models/text/infer":
            self.infer(body)
        elif self.path in ("/v2/models/text/generate", "/v2/models/text/generate_stream"):
            self.generate(json.loads(body)["text_input"])
        elif self.path == "/v2/repository/index":
            self.say(200, [{"name": "text", "state": "READY"}])
        else:
            self.say(404, {"error": "unknown"})

    def tensorflow(self, verb, request):
        if verb == "predict" and "instances" in request:
            values = request["instances"]
            self.say(200, {"predictions": [value * 0.5 + 2 if isinstance(value, (int, float)) else f"{value} {SECRET}" for value in values]})
        elif verb == "predict":
            self.say(200, {"outputs": {"y": [value * 0.5 + 2 for value in request["inputs"]["x"]]}})
        elif verb == "classify":
            self.say(200, {"results": [[["spam", 0.25], [SECRET, 0.75]] for _ in request["examples"]]})
        else:
            self.say(200, {"results": [example["x"] * 0.5 + 2 for example in request["examples"]]})

    def infer(self, body):
        length = self.headers.get(LENGTH)
        head = json.loads(body[: int(length)] if length else body)
        at, said = int(length or len(body)), []
        for tensor in head["inputs"]:
            size = tensor.get("parameters", {}).get("binary_data_size")
            if size is None:
                said += [str(item) for item in tensor["data"]]
            else:
                said += [item.decode() for item in elements(body[at : at + size])]
                at += size
        if at != len(body):
            raise Refused("bytes that are no tensor's")
        texts = [f"{text} {SECRET}" for text in said]
        output = {"name": "OUT", "datatype": "BYTES", "shape": [len(texts)]}
        asked = head.get("outputs", [{}])[0].get("parameters", {}).get("binary_data", head.get("parameters", {}).get("binary_data_output", False))
        if asked:
            binary = packed([text.encode() for text in texts])
            output["parameters"] = {"binary_data_size": len(binary)}
            self.say(200, {"model_name": "text", "model_version": "1", "outputs": [output]}, binary=binary)
        else:
            self.say(200, {"model_name": "text", "model_version": "1", "outputs": [{**output, "data": texts}]})

    def generate(self, text):
        if self.path.endswith("/generate"):
            self.say(200, {"model_name": "text", "model_version": "1", "text_output": f"{text} {SECRET}"})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in [text, " ", *SECRET, " ."]:
            event = json.dumps({"model_name": "text", "model_version": "1", "text_output": piece})
            self.wfile.write(f"data: {event}\n\n".encode())
            self.wfile.flush()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
