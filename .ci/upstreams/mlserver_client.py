"""MLServer over gRPC and REST, through Weir and beside it. Usage: mlserver_client.py GRPC_PORT HTTP_PORT WEIR_PORT API_KEY"""

import json
import struct
import sys
import urllib.request

import grpc
from mlserver.grpc import dataplane_pb2 as pb
from mlserver.grpc.dataplane_pb2_grpc import GRPCInferenceServiceStub
from strings import FULL, LONG, PLAIN, Checks

grpc_port, http_port, weir_port, key = sys.argv[1:5]
checks = Checks()
# gRPC goes where `route.services` says; REST where the path's prefix says.
METADATA = [("authorization", f"Bearer {key}"), ("weir-connection", "mlserver")]


def request(model, elements, raw):
    asked = pb.ModelInferRequest(model_name=model, id="asked")
    tensor = asked.inputs.add(name="text", datatype="BYTES", shape=[len(elements), 1])
    tensor.parameters["content_type"].string_param = "str"
    if raw:
        asked.raw_input_contents.append(b"".join(struct.pack("<I", len(each)) + each for each in elements))
    else:
        tensor.contents.bytes_contents.extend(elements)
    return asked


def unpack(raw):
    elements = []
    while raw:
        (size,) = struct.unpack("<I", raw[:4])
        elements.append(raw[4 : 4 + size])
        raw = raw[4 + size :]
    return elements


def strings(response):
    if response.raw_output_contents:
        return unpack(response.raw_output_contents[0])
    return list(response.outputs[0].contents.bytes_contents)


def numbers(response):
    return response.raw_output_contents[1] if response.raw_output_contents else list(response.outputs[1].contents.int_contents)


def over_grpc(port, elements, raw, metadata=None):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        response = GRPCInferenceServiceStub(channel).ModelInfer(request("echo", elements, raw), metadata=metadata)
    return strings(response), numbers(response)


def told(port, text, metadata=None):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return b"".join(b"".join(strings(each)) for each in GRPCInferenceServiceStub(channel).ModelStreamInfer(iter([request("tell", [text], False)]), metadata=metadata))


def over_rest(address, elements, headers):
    inputs = [{"name": "text", "datatype": "BYTES", "shape": [len(elements), 1], "data": [each.decode() for each in elements], "parameters": {"content_type": "str"}}]
    asked = urllib.request.Request(f"{address}/v2/models/echo/infer", json.dumps({"inputs": inputs}).encode(), {"content-type": "application/json", **headers})
    with urllib.request.urlopen(asked) as answer:
        outputs = json.load(answer)["outputs"]
    return [each.encode() for each in outputs[0]["data"]], outputs[1]["data"]


for elements in [PLAIN, FULL, FULL + PLAIN]:
    for raw in [False, True]:
        own, lengths = over_grpc(grpc_port, elements, raw)
        masked, same = over_grpc(weir_port, elements, raw, METADATA)
        checks.that("MLServer echoes", own == elements)
        checks.masked(f"gRPC, raw contents {raw}", elements, masked)
        checks.that("numbers are as they were", lengths == same)
    own, lengths = over_rest(f"http://127.0.0.1:{http_port}", elements, {})
    answered, same = over_rest(f"http://127.0.0.1:{weir_port}/mlserver-rest", elements, {"authorization": f"Bearer {key}"})
    checks.that("MLServer echoes over REST", own == elements)
    checks.masked("REST", elements, answered)
    checks.that("numbers are as they were over REST", lengths == same)
    checks.that("both ways mask alike", answered == masked)

checks.that("MLServer streams", told(grpc_port, LONG) == LONG)
checks.that("what is streamed is masked as a whole", told(weir_port, LONG, METADATA) == over_grpc(weir_port, [LONG], False, METADATA)[0][0])
checks.close("MLServer")
