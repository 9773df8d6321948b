"""The official OpenAI SDK for Python against a running gateway: unmodified but for base_url and api_key.

Run by with-gateway.ts, which starts the gateway and sets the environment read below. Prints a line for each case; exits 1 when one failed.
"""

import json
import os
import sys
import traceback
import urllib.request
import warnings

import openai

# The SDK warns of items that it does not know, and one is made up.
warnings.filterwarnings("ignore", module="pydantic")

BASE_URL = os.environ["WEIR_BASE_URL"]
KEY = os.environ["WEIR_KEY"]
COUNT_URL = os.environ["WEIR_COUNT_URL"]
SECRET = os.environ["WEIR_SECRET"]
MASKED_SENTENCE = os.environ["WEIR_MASKED_SENTENCE"]

client = openai.OpenAI(base_url=BASE_URL, api_key=KEY)
HELLO = [{"role": "user", "content": "hello"}]


def requests_seen() -> int:
    """How many requests have reached the gateway so far."""
    with urllib.request.urlopen(COUNT_URL) as answer:
        return int(answer.read())


def ask(model="plain", messages=HELLO, by=client, **more):
    return by.chat.completions.create(model=model, messages=messages, **more)


def raised(kind, status, code, call, requests=1):
    """The call raises exactly this typed exception, with this reason, after this many requests."""
    before = requests_seen()
    try:
        call()
    except openai.APIStatusError as error:
        assert type(error) is kind, f"raised {type(error).__name__}, not {kind.__name__}"
        assert error.status_code == status, error.status_code
        assert error.code == code, error.code
        assert error.request_id, "no x-request-id"
        assert SECRET not in str(error), "the error shows the secret"
    else:
        raise AssertionError("nothing was raised")
    assert requests_seen() - before == requests, f"{requests_seen() - before} requests"


def chat():
    answer = ask()
    assert answer.choices[0].message.content == MASKED_SENTENCE, answer.choices[0].message.content
    assert answer.usage.total_tokens == 12


def streaming():
    text = "".join(part.choices[0].delta.content or "" for part in ask(stream=True) if part.choices)
    assert text == MASKED_SENTENCE, text


def stream_helper():
    with client.chat.completions.stream(model="plain", messages=HELLO) as stream:
        stream.until_done()
        assert stream.get_final_completion().choices[0].message.content == MASKED_SENTENCE


def tools():
    call = ask("tools").choices[0].message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    assert call.function.name == "weather" and arguments["city"] == "Ghent" and SECRET not in arguments["key"], arguments


def tools_streamed():
    pieces = [part.choices[0].delta.tool_calls[0].function.arguments for part in ask("tools", stream=True) if part.choices and part.choices[0].delta.tool_calls]
    arguments = json.loads("".join(piece or "" for piece in pieces))
    assert arguments["city"] == "Ghent" and SECRET not in arguments["key"], arguments


def embeddings():
    assert client.embeddings.create(model="embedder", input="hello", encoding_format="float").data[0].embedding == [0.25, -0.5, 0.125]


def models():
    assert {model.id for model in client.models.list()} == {"plain", "tools", "embedder"}


def respond(model="plain", by=client, **more):
    return by.responses.create(model=model, input="hello", **more)


def without_id(answer):
    return {name: value for name, value in answer.to_dict().items() if name not in ("id", "output_text")}


def responses():
    answer = respond()
    assert SECRET not in answer.to_json() and MASKED_SENTENCE in answer.output_text, answer.output_text


def responses_streamed():
    """No event and no text put together says the secret; the last event says what the whole answer says."""
    for model in ("plain", "incomplete", "failed", "cancelled", "error"):
        events = list(respond(model, stream=True))
        said = {}
        for event in events:
            if isinstance(getattr(event, "delta", None), str):
                said[event.type] = said.get(event.type, "") + event.delta
        assert SECRET not in "".join(event.to_json() for event in events), model
        assert not any(SECRET in text for text in said.values()), model
        if model == "plain":
            assert without_id(events[-1].response) == without_id(respond()), "the copies differ"


def responses_helper():
    """The accumulator, structured outputs among what it puts together."""
    from pydantic import BaseModel

    class Answer(BaseModel):
        key: str
        city: str

    with client.responses.stream(model="structured", input="hello", text_format=Answer) as stream:
        final = stream.until_done().get_final_response()
    assert final.output_parsed.city == "Ghent" and SECRET not in final.output_parsed.key, final.output_parsed


def responses_stored():
    """A stored response is its maker's alone."""
    identity = respond().id
    assert client.responses.retrieve(identity).id == identity
    colleague = client.with_options(api_key=os.environ["WEIR_COLLEAGUE_KEY"])
    try:
        colleague.responses.retrieve(identity)
    except openai.NotFoundError:
        return
    raise AssertionError("a colleague read it")


def completions():
    said = ["", ""]
    for part in client.completions.create(model="plain", prompt="hello", n=2, stream=True):
        for choice in part.choices:
            said[choice.index] += choice.text
    assert said == [MASKED_SENTENCE, MASKED_SENTENCE], said


def moderations():
    assert client.moderations.create(model="plain", input="hello").results[0].flagged is False


def azure():
    by = openai.AzureOpenAI(azure_endpoint=BASE_URL.removesuffix("/v1"), api_key=KEY, api_version="2024-10-21", azure_deployment="plain")
    assert ask(by=by).choices[0].message.content == MASKED_SENTENCE


def async_streaming():
    import asyncio

    async def run():
        stream = await openai.AsyncOpenAI(base_url=BASE_URL, api_key=KEY).chat.completions.create(model="plain", messages=HELLO, stream=True)
        return "".join([part.choices[0].delta.content or "" async for part in stream if part.choices])

    assert asyncio.run(run()) == MASKED_SENTENCE


def error_in_stream():
    before = requests_seen()
    try:
        for _ in ask("dies", stream=True):
            pass
    except openai.APIError as error:
        assert error.code == "upstream_unavailable", error.code
    else:
        raise AssertionError("a cut stream ended as if it were whole")
    assert requests_seen() - before == 1


def stranger():
    return openai.OpenAI(base_url=BASE_URL, api_key="weir_" + "0" * 64)


REFUSALS = {
    "a wrong key": (openai.AuthenticationError, 401, "credential_invalid", lambda: ask(by=stranger())),
    "a denied prompt": (openai.PermissionDeniedError, 403, "prompt_blocked", lambda: ask(messages=[{"role": "user", "content": "please open sesame"}])),
    "a prompt over the limit": (openai.PermissionDeniedError, 403, "prompt_blocked", lambda: ask(messages=[{"role": "user", "content": "word " * 3000}])),
    "a model no policy allows": (openai.PermissionDeniedError, 403, "access_denied", lambda: ask("forbidden")),
    "an approval that nobody decided on in time": (openai.PermissionDeniedError, 403, "approval_expired", lambda: ask("reviewed")),
    "a request without a model": (openai.BadRequestError, 400, "request_invalid", lambda: client.post("/chat/completions", cast_to=object, body={"messages": HELLO})),
    "a path that is not there": (openai.NotFoundError, 404, "target_unknown", lambda: client.post("/nothing/here", cast_to=object, body={})),
    "a body over the limit": (openai.APIStatusError, 413, "request_too_large", lambda: ask(messages=[{"role": "user", "content": "x" * 40_000_000}])),
    "an upstream that refuses our credential": (openai.InternalServerError, 502, "upstream_invalid", lambda: ask("locked")),
    "an upstream that answers HTML": (openai.InternalServerError, 502, "upstream_invalid", lambda: ask("html")),
    "an upstream's own 422": (openai.UnprocessableEntityError, 422, "unprocessable", lambda: ask("strict")),
}
RETRIED = {
    "an upstream that is not there": (openai.InternalServerError, 503, "upstream_unavailable", lambda: ask("gone")),
    "an upstream that hangs": (openai.InternalServerError, 504, "upstream_timeout", lambda: ask("hangs")),
    "an upstream's own 429": (openai.RateLimitError, 429, "rate_limit_exceeded", lambda: ask("busy")),
    "an upstream's own 500": (openai.InternalServerError, 500, "server_error", lambda: ask("broken")),
}
# The SDK's default: two retries after the first attempt.
ATTEMPTS = 3

CASES = {
    case.__name__: case
    for case in (
        *(chat, streaming, stream_helper, tools, tools_streamed, embeddings, models, async_streaming, error_in_stream),
        *(responses, responses_streamed, responses_helper, responses_stored, completions, moderations, azure),
    )
}
CASES |= {f"{name}, once": lambda row=row: raised(*row) for name, row in REFUSALS.items()}
CASES |= {f"{name}, retried": lambda row=row: raised(*row, requests=ATTEMPTS) for name, row in RETRIED.items()}

failures = 0
for name, case in CASES.items():
    try:
        case()
        print(f"ok      {name}")
    except Exception:
        failures += 1
        print(f"FAILED  {name}\n{traceback.format_exc()}")
print(f"openai {openai.__version__}: {len(CASES) - failures} of {len(CASES)} cases")
sys.exit(1 if failures else 0)
