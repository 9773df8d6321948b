"""A real Triton (nvidia-pytriton) with two models of strings: `echo` answers what it is asked, `tell` streams its text in pieces of a few bytes.

Usage: triton_server.py GRPC_PORT HTTP_PORT METRICS_PORT
"""

import sys

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

PIECE = 5
STRING = [Tensor(name="text", dtype=np.bytes_, shape=(-1,))]


@batch
def echo(text):
    return {"answer": text, "length": np.array([[len(each) for each in row] for row in text], dtype=np.int32)}


def tell(requests):
    text = requests[0].data["text"].flatten()[0]
    for at in range(0, len(text), PIECE):
        yield [{"answer": np.array([[text[at : at + PIECE]]], dtype=np.bytes_)}]


def main():
    grpc_port, http_port, metrics_port = (int(port) for port in sys.argv[1:4])
    config = TritonConfig(grpc_port=grpc_port, http_port=http_port, metrics_port=metrics_port, http_address="127.0.0.1", grpc_address="127.0.0.1")
    answer = Tensor(name="answer", dtype=np.bytes_, shape=(-1,))
    length = Tensor(name="length", dtype=np.int32, shape=(-1,))
    with Triton(config=config) as triton:
        triton.bind(model_name="echo", infer_func=echo, inputs=STRING, outputs=[answer, length], config=ModelConfig(max_batch_size=8, batcher=DynamicBatcher()))
        triton.bind(model_name="tell", infer_func=tell, inputs=STRING, outputs=[answer], config=ModelConfig(decoupled=True, batching=False))
        triton.serve()


main()
