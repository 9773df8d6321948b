"""A TensorFlow Serving servicer on the published classes: it answers what it is asked, in every form that strings have. Usage: serving_server.py GRPC_PORT"""

import sys
from concurrent import futures

import grpc
from tensorflow_serving.apis import classification_pb2, inference_pb2, predict_pb2, prediction_service_pb2_grpc, regression_pb2


def texts_of(examples):
    return [value.decode() for example in examples for value in example.features.feature["text"].bytes_list.value]


class Servicer(prediction_service_pb2_grpc.PredictionServiceServicer):
    def Predict(self, request, context):
        response = predict_pb2.PredictResponse(model_spec=request.model_spec)
        for name, tensor in request.inputs.items():
            response.outputs[name].CopyFrom(tensor)
        return response

    def Classify(self, request, context):
        response = classification_pb2.ClassificationResponse(model_spec=request.model_spec)
        for text in texts_of(request.input.example_list.examples):
            response.result.classifications.add().classes.add(label=text, score=0.5)
        return response

    def Regress(self, request, context):
        response = regression_pb2.RegressionResponse(model_spec=request.model_spec)
        for text in texts_of(request.input.example_list.examples):
            response.result.regressions.add(value=len(text))
        return response

    def MultiInference(self, request, context):
        response = inference_pb2.MultiInferenceResponse()
        for task in request.tasks:
            result = response.results.add(model_spec=task.model_spec)
            for text in texts_of(request.input.example_list.examples):
                result.classification_result.classifications.add().classes.add(label=text, score=0.5)
        return response


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Servicer(), server)
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
