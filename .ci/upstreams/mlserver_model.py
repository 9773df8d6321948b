"""MLServer models of strings: `echo` answers what it is asked; `tell`, over a stream, tells its text in pieces of a few bytes."""

from typing import AsyncIterator

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

import numpy as np

PIECE = 5


class Echo(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        texts = StringCodec.decode_input(payload.inputs[0])
        lengths = NumpyCodec.encode_output("length", np.array([[len(text)] for text in texts], dtype=np.int32))
        return InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("answer", texts), lengths])


class Tell(MLModel):
    async def predict_stream(self, payloads: AsyncIterator[InferenceRequest]) -> AsyncIterator[InferenceResponse]:
        async for payload in payloads:
            text = StringCodec.decode_input(payload.inputs[0])[0]
            for at in range(0, len(text), PIECE):
                yield InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("answer", [text[at : at + PIECE]])])
