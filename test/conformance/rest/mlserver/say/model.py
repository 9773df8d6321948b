"""A model of MLServer that says what it is asked: whole, or in pieces of a few characters."""

from collections.abc import AsyncIterator

from mlserver import MLModel
from mlserver.codecs import StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

PIECE = 3


class Say(MLModel):
    async def load(self) -> bool:
        return True

    def answer(self, texts):
        return InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("answer", texts, use_bytes=False)])

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        return self.answer(StringCodec.decode_input(payload.inputs[0]))

    async def predict_stream(self, payloads: AsyncIterator[InferenceRequest]) -> AsyncIterator[InferenceResponse]:
        async for payload in payloads:
            for text in StringCodec.decode_input(payload.inputs[0]):
                for at in range(0, len(text), PIECE):
                    yield self.answer([text[at : at + PIECE]])
