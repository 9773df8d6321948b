"""TensorFlow Serving's client through Weir and beside it. Usage: serving_client.py GRPC_PORT WEIR_PORT API_KEY"""

import sys

import grpc
import numpy as np
import tensorflow as tf
from strings import FULL, PLAIN, Checks
from tensorflow_serving.apis import classification_pb2, inference_pb2, predict_pb2, prediction_service_pb2_grpc, regression_pb2

serving_port, weir_port, key = sys.argv[1:4]
METADATA = [("authorization", f"Bearer {key}"), ("weir-connection", "serving")]
checks = Checks()


def stub(port):
    return prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(f"127.0.0.1:{port}"))


def example(text):
    return tf.train.Example(
        features=tf.train.Features(
            feature={
                "text": tf.train.Feature(bytes_list=tf.train.BytesList(value=[text])),
                "age": tf.train.Feature(int64_list=tf.train.Int64List(value=[42])),
            }
        )
    )


def predict(port, metadata, inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "echo"
    for name, tensor in inputs.items():
        request.inputs[name].CopyFrom(tensor)
    return stub(port).Predict(request, metadata=metadata)


def content(elements):
    """String elements as tensor_content: their lengths as varints (all below 128 here), then their bytes."""
    tensor = tf.make_tensor_proto(np.array([b"x"] * len(elements), dtype=object))
    tensor.string_val[:] = []
    tensor.tensor_content = bytes(map(len, elements)) + b"".join(elements)
    return tensor


numbers = tf.make_tensor_proto(np.arange(12, dtype=np.float32).reshape(3, 4))
for elements in [PLAIN, FULL, FULL + PLAIN]:
    inputs = {
        "strings": tf.make_tensor_proto(np.array(elements, dtype=object)),
        "examples": tf.make_tensor_proto(np.array([example(each).SerializeToString() for each in elements], dtype=object)),
        "content": content(elements),
        "numbers": numbers,
    }
    own, masked = predict(serving_port, None, inputs), predict(weir_port, METADATA, inputs)
    checks.that("the servicer echoes", all(own.outputs[name] == tensor for name, tensor in inputs.items()))
    checks.masked("string_val", elements, list(tf.make_ndarray(masked.outputs["strings"])))
    parsed = [tf.train.Example.FromString(each) for each in tf.make_ndarray(masked.outputs["examples"])]
    checks.masked("Examples", elements, [each.features.feature["text"].bytes_list.value[0] for each in parsed])
    checks.that("an Example's numbers are as they were", all(each.features.feature["age"].int64_list.value[:] == [42] for each in parsed))
    back = masked.outputs["content"].tensor_content
    sizes, rest, split = back[: len(elements)], back[len(elements) :], []
    for size in sizes:
        split.append(rest[:size])
        rest = rest[size:]
    checks.masked("tensor_content", elements, split)
    checks.that("numbers are as they were", masked.outputs["numbers"] == numbers and masked.model_spec.name == "echo")

    def ask(request):
        request.input.example_list.examples.extend(example(each) for each in elements)
        return request

    classify = classification_pb2.ClassificationRequest()
    classify.model_spec.name = "echo"
    classified = stub(weir_port).Classify(ask(classify), metadata=METADATA)
    checks.masked("class labels", elements, [each.classes[0].label.encode() for each in classified.result.classifications])
    regress = regression_pb2.RegressionRequest()
    regress.model_spec.name = "echo"
    regressed = stub(weir_port).Regress(ask(regress), metadata=METADATA)
    checks.that("regressions are as they were", [each.value for each in regressed.result.regressions] == [len(each.decode()) for each in elements])
    multi = inference_pb2.MultiInferenceRequest()
    multi.tasks.add().model_spec.name = "echo"
    answered = stub(weir_port).MultiInference(ask(multi), metadata=METADATA).results[0].classification_result
    checks.masked("multiple inference", elements, [each.classes[0].label.encode() for each in answered.classifications])

checks.close("TensorFlow Serving")
