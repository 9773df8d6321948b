"""tritonclient against a real Triton, through Weir and beside it. Usage: triton_client.py TRITON_PORT WEIR_PORT API_KEY"""

import queue
import sys

import grpc
import numpy as np
import tritonclient.grpc as client
from strings import FULL, LONG, PLAIN, Checks
from tritonclient.grpc import service_pb2, service_pb2_grpc

triton_port, weir_port, key = sys.argv[1:4]
HEADERS = {"authorization": f"Bearer {key}"}
WAIT = 60
checks = Checks()


def strings(elements):
    tensor = client.InferInput("text", [1, len(elements)], "BYTES")
    tensor.set_data_from_numpy(np.array([elements], dtype=np.object_))
    return [tensor]


def echo(port, elements, headers):
    result = client.InferenceServerClient(f"127.0.0.1:{port}").infer("echo", strings(elements), headers=headers)
    return list(result.as_numpy("answer").flatten()), result.as_numpy("length").tolist()


def typed(port, elements, metadata):
    """The request with its strings in `contents.bytes_contents`; Triton answers as it likes."""
    request = service_pb2.ModelInferRequest(model_name="echo", id="typed")
    tensor = request.inputs.add(name="text", datatype="BYTES", shape=[1, len(elements)])
    tensor.contents.bytes_contents.extend(elements)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        response = service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request, metadata=metadata)
    return list(client.InferResult(response).as_numpy("answer").flatten()), response.id


def tell(port, texts, headers, empty_final):
    """Streams several answers over one call; gives what each spells, and how many messages brought it."""
    answers, errors, done = {}, [], queue.Queue()

    def on_result(result, error):
        if error is not None:
            errors.append(error)
            for _ in texts:
                done.put(None)
            return
        response = result.get_response()
        part = result.as_numpy("answer")
        answers.setdefault(response.id, []).append(b"" if part is None else part.flatten()[0])
        if response.parameters["triton_final_response"].bool_param:
            done.put(response.id)

    connection = client.InferenceServerClient(f"127.0.0.1:{port}")
    connection.start_stream(on_result, headers=headers)
    for index, text in enumerate(texts):
        tensor = client.InferInput("text", [1], "BYTES")
        tensor.set_data_from_numpy(np.array([text], dtype=np.object_))
        connection.async_stream_infer("tell", [tensor], request_id=str(index), enable_empty_final_response=empty_final)
    for _ in texts if empty_final else []:
        done.get(timeout=WAIT)
    connection.stop_stream()
    for error in errors:
        print("error:", error)
    return [b"".join(answers.get(str(index), [])) for index in range(len(texts))], sum(map(len, answers.values()))


for elements in [PLAIN, FULL, FULL + PLAIN]:
    own, lengths = echo(triton_port, elements, None)
    masked, same = echo(weir_port, elements, HEADERS)
    checks.that("Triton echoes", own == elements)
    checks.masked("raw contents", elements, masked)
    checks.that("numbers are as they were", lengths == same)
    again, identity = typed(weir_port, elements, list(HEADERS.items()))
    checks.that("typed contents are masked alike", again == masked)
    checks.that("the request's id comes back", identity == "typed")

HARMLESS = b" ".join(PLAIN) * 9
whole, _ = echo(weir_port, [LONG], HEADERS)
for empty_final in [True, False]:
    own, _ = tell(triton_port, [LONG, HARMLESS], None, empty_final)
    masked, _ = tell(weir_port, [LONG, HARMLESS], HEADERS, empty_final)
    checks.that("Triton streams", own == [LONG, HARMLESS])
    checks.that(f"what is streamed is masked as a whole, final responses {empty_final}: {masked[0]!r}", masked[0] == whole[0])
    checks.that("what has nothing to mask comes as it was", masked[1] == HARMLESS)

metadata = client.InferenceServerClient(f"127.0.0.1:{weir_port}").get_model_metadata("echo", headers=HEADERS, as_json=True)
checks.that("a model's metadata comes through", metadata["name"] == "echo" and [each["name"] for each in metadata["outputs"]] == ["answer", "length"])
checks.that("the server is live", client.InferenceServerClient(f"127.0.0.1:{weir_port}").is_server_live(headers=HEADERS))
try:
    client.InferenceServerClient(f"127.0.0.1:{weir_port}").unload_model("echo", headers=HEADERS)
    checks.that("unloading a model needs its name in a policy", False)
except client.InferenceServerException as refused:
    checks.that(f"unloading a model needs its name in a policy: {refused.status()}", "PERMISSION_DENIED" in str(refused.status()))
checks.close("tritonclient")
