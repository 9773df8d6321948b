"""REST clients against the real Triton and the real MLServer, through a gateway and beside it. Run by servers.ts, which sets the environment read below."""

import json
import os
import sys

import numpy
import requests
import tritonclient.http as triton

SECRETS = ["ann.smith@example.com", "536-22-8741", "4111 1111 1111 1111", "AKIAQ3EGRIJ5KZT7XW2M"]
PLAIN = ["nothing to hide", "naïve café 😀", "", "42"]
FULL = [f"mail {SECRETS[0]} at once", f"ssn {SECRETS[1]}, card {SECRETS[2]}.", f"key {SECRETS[3]}"]
# No character of more than one byte: Triton's model cuts bytes, and what it then sends is no UTF-8.
LONG = " ".join(FULL) + " and nothing to hide at the end"
TRITON, TRITON_WEIR = os.environ["TRITON_URL"], os.environ["TRITON_WEIR_URL"]
MLSERVER, MLSERVER_WEIR = os.environ["MLSERVER_URL"], os.environ["MLSERVER_WEIR_URL"]

passed, failed = 0, 0


def check(what, holds):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print(f"not so: {what}")


def masked(what, sent, received):
    """Every secret is gone, what stands around them is there, and texts without any are as they were."""
    check(f"{what}: as many texts", len(sent) == len(received))
    for before, after in zip(sent, received):
        check(f"{what}: no secret in {after!r}", not any(secret in after for secret in SECRETS))
        hides = any(secret in before for secret in SECRETS)
        check(f"{what}: {after!r}", "[" in after and after[:4] == before[:4] and after[-1] in (before[-1], "]") if hides else after == before)


def client(address):
    return triton.InferenceServerClient(url=address.removeprefix("http://"))


def strings(texts, binary):
    tensor = triton.InferInput("text", [1, len(texts)], "BYTES")
    tensor.set_data_from_numpy(numpy.array([[text.encode() for text in texts]], dtype=object), binary_data=binary)
    return tensor


def infer(address, texts, binary_in, binary_out, coding):
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("answer", "length")]
    result = client(address).infer(
        "echo", [strings(texts, binary_in)], outputs=outputs, request_compression_algorithm=coding, response_compression_algorithm=coding
    )
    answers = [text.decode() if isinstance(text, bytes) else text for text in result.as_numpy("answer").flatten()]
    return answers, result.as_numpy("length").flatten().tolist()


def triton_infer():
    for binary_in in (True, False):
        for binary_out in (True, False):
            for coding in (None, "gzip", "deflate"):
                what = f"Triton, binary in {binary_in}, binary out {binary_out}, coding {coding}"
                masked(what, FULL + PLAIN, infer(TRITON_WEIR, FULL + PLAIN, binary_in, binary_out, coding)[0])
                direct, through = (infer(address, PLAIN, binary_in, binary_out, coding) for address in (TRITON, TRITON_WEIR))
                check(f"{what}: predictions unchanged", direct == through)


def triton_other():
    weir = client(TRITON_WEIR)
    check("Triton is live and ready", weir.is_server_live() and weir.is_server_ready() and weir.is_model_ready("echo"))
    check("Triton's metadata", weir.get_model_metadata("echo") == client(TRITON).get_model_metadata("echo"))
    shared = triton.InferInput("text", [1, 1], "BYTES")
    shared.set_shared_memory("region", 8)
    denied = {
        "index": weir.get_model_repository_index,
        "load": lambda: weir.load_model("echo"),
        "unload": lambda: weir.unload_model("echo"),
        "shared memory": weir.get_system_shared_memory_status,
        "log settings": weir.get_log_settings,
        "tensors in shared memory": lambda: weir.infer("echo", [shared]),
    }
    for what, call in denied.items():
        try:
            call()
            check(f"Triton: {what} is denied", False)
        except triton.InferenceServerException as error:
            check(f"Triton: {what} is denied with 401, not {error.status()}", error.status() == "401")


def events(address, path, body):
    with requests.post(address + path, json=body, stream=True, timeout=60) as answer:
        return [json.loads(line[6:]) for line in answer.iter_lines(decode_unicode=True) if line.startswith("data: ")]


def triton_stream():
    path = "/v2/models/tell/generate_stream"
    said = "".join(event["answer"] for event in events(TRITON_WEIR, path, {"text": LONG}))
    masked("Triton's stream", [LONG], [said])
    plain = "nothing to hide in here, not even when it is cut"
    direct, through = ("".join(event["answer"] for event in events(address, path, {"text": plain})) for address in (TRITON, TRITON_WEIR))
    check("Triton's stream, unchanged", direct == through == plain)


def question(texts):
    return {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts}]}


def mlserver():
    for path in ("/infer", "/generate"):
        path = "/v2/models/say" + path
        answer = requests.post(MLSERVER_WEIR + path, json=question(FULL + PLAIN), timeout=60)
        masked(f"MLServer {path}", FULL + PLAIN, answer.json()["outputs"][0]["data"])
        check(f"MLServer {path}: its headers", answer.headers["ce-modelid"] == "say")
    for path in ("/infer_stream", "/generate_stream"):
        path = "/v2/models/say" + path
        said = "".join(event["outputs"][0]["data"][0] for event in events(MLSERVER_WEIR, path, question([LONG])))
        masked(f"MLServer {path}", [LONG], [said])
    for path in ("/v2", "/v2/models/say", "/v2/health/ready", "/v2/models/say/ready"):
        direct, through = (requests.get(address + path, timeout=60) for address in (MLSERVER, MLSERVER_WEIR))
        check(f"MLServer {path}", (direct.status_code, direct.content) == (through.status_code, through.content))
    refused = requests.post(MLSERVER_WEIR + "/v2/repository/models/say/unload", timeout=60)
    check("MLServer: unload is denied", refused.status_code == 401)


for case in (triton_infer, triton_other, triton_stream, mlserver):
    case()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
