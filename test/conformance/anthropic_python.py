"""The official Anthropic SDK for Python against a running gateway: unmodified but for base_url and api_key.

Run by with-claude.ts, which starts the gateway and sets the environment read below. Prints a line for each case; exits 1 when one failed.
"""

import asyncio
import json
import os
import sys
import traceback
import urllib.request

import anthropic

BASE_URL = os.environ["WEIR_BASE_URL"]
KEY = os.environ["WEIR_KEY"]
COUNT_URL = os.environ["WEIR_COUNT_URL"]
SECRET = os.environ["WEIR_SECRET"]
MASKED_SENTENCE = os.environ["WEIR_MASKED_SENTENCE"]
LABEL = os.environ["WEIR_LABEL"]

client = anthropic.Anthropic(base_url=BASE_URL, api_key=KEY)
HELLO = [{"role": "user", "content": "hello"}]
KEEP = {"name": "keep", "input_schema": {"type": "object", "properties": {"key": {"type": "string"}}}}
# Streams enough for every cut of the scripted model.
TIMES = 8


def requests_seen() -> int:
    """How many requests have reached the gateway so far."""
    with urllib.request.urlopen(COUNT_URL) as answer:
        return int(answer.read())


def asked(model="plain", messages=HELLO):
    return {"model": model, "max_tokens": 100, "messages": messages}


def ask(model="plain", messages=HELLO, by=client, **more):
    return by.messages.create(**asked(model, messages), **more)


def raised(kind, status, says, code, call, requests=1):
    """The call raises exactly this typed exception, with the API's word for it and the reason, after this many requests."""
    before = requests_seen()
    try:
        call()
    except anthropic.APIStatusError as error:
        assert isinstance(error, kind), f"raised {type(error).__name__}, not {kind.__name__}"
        assert error.status_code == status, error.status_code
        said = error.body["error"]
        assert said["type"] == says, said
        assert said.get("details", {}).get("error_code") == code, said
        assert SECRET not in str(error), "the error shows the secret"
    else:
        raise AssertionError("nothing was raised")
    assert requests_seen() - before == requests, f"{requests_seen() - before} requests"


def whole():
    answer = ask()
    assert answer.content[0].text == MASKED_SENTENCE, answer.content
    assert answer.usage.output_tokens == 9


def streaming():
    for _ in range(TIMES):
        deltas = [event.delta.text for event in ask(stream=True) if event.type == "content_block_delta"]
        assert "".join(deltas) == MASKED_SENTENCE, deltas


def stream_helper():
    for _ in range(TIMES):
        with client.messages.stream(**asked()) as stream:
            assert "".join(stream.text_stream) == MASKED_SENTENCE
            assert stream.get_final_text() == MASKED_SENTENCE


def blocks_streamed_as_whole():
    answer = client.beta.messages.create(**asked("everything"))
    assert SECRET not in answer.to_json()
    for _ in range(TIMES):
        with client.beta.messages.stream(**asked("everything")) as stream:
            final = stream.get_final_message()
        assert json.loads(final.to_json())["content"] == json.loads(answer.to_json())["content"], final.to_json()


def cut():
    assert ask("cut").content[0].text == f"The key is {LABEL}"
    with client.messages.stream(**asked("cut")) as stream:
        assert stream.get_final_text() == f"The key is {LABEL}"


def tool_runner():
    for stream in (False, True):
        inputs = []

        @anthropic.beta_tool
        def keep(key: str, city: str) -> str:
            """Keeps a key."""
            inputs.append((key, city))
            return "kept"

        runner = client.beta.messages.tool_runner(**asked("tools"), tools=[keep], stream=stream)
        last = None
        for turn in runner:
            last = turn.get_final_message() if stream else turn
        assert last.content[0].text == MASKED_SENTENCE, last
        assert inputs == [(LABEL, "Ghent")], inputs


def thinking_turns():
    for streamed in (False, True):
        messages = [{"role": "user", "content": "think"}]
        thoughts = []
        while True:
            more = {"tools": [KEEP], "thinking": {"type": "enabled", "budget_tokens": 1024}}
            if streamed:
                with client.messages.stream(**asked("thinker", messages), **more) as stream:
                    answer = stream.get_final_message()
            else:
                answer = ask("thinker", messages, **more)
            thoughts.append((answer.content[0].thinking, answer.content[0].signature != ""))
            messages.append({"role": "assistant", "content": answer.content})
            calls = [block for block in answer.content if block.type == "tool_use"]
            if not calls:
                break
            messages.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": calls[0].id, "content": "kept"}]})
        assert thoughts == [(MASKED_SENTENCE, False), ("nothing to hide", True), (MASKED_SENTENCE, False)], thoughts


def count_tokens():
    assert client.messages.count_tokens(model="plain", messages=HELLO).input_tokens == 14


def models():
    assert [model.id for model in client.models.list(limit=1)] == ["plain", "everything", "tools", "thinker"]
    assert client.models.retrieve("plain").id == "plain"


def bearer():
    assert ask(by=anthropic.Anthropic(base_url=BASE_URL, auth_token=KEY)).content[0].text == MASKED_SENTENCE


def async_streaming():
    async def run():
        async with anthropic.AsyncAnthropic(base_url=BASE_URL, api_key=KEY).messages.stream(**asked()) as stream:
            return await stream.get_final_text()

    assert asyncio.run(run()) == MASKED_SENTENCE


def errors_in_stream():
    for model, says in (("dies", "api_error"), ("fails", "overloaded_error")):
        before = requests_seen()
        try:
            for _ in ask(model, stream=True):
                pass
        except anthropic.APIStatusError as error:
            assert error.body["error"]["type"] == says, error.body
            assert SECRET not in str(error)
        else:
            raise AssertionError("a broken stream ended as if it were whole")
        assert requests_seen() - before == 1


def stranger():
    return anthropic.Anthropic(base_url=BASE_URL, api_key="weir_" + "0" * 64)


SEARCH = {"type": "web_search_20250305", "name": "web_search"}
REFUSALS = {
    "a wrong key": (anthropic.AuthenticationError, 401, "authentication_error", "credential_invalid", lambda: ask(by=stranger())),
    "a denied prompt": (anthropic.PermissionDeniedError, 403, "permission_error", "prompt_blocked", lambda: ask(messages=[{"role": "user", "content": "please open sesame"}])),
    "a model no policy allows": (anthropic.PermissionDeniedError, 403, "permission_error", "access_denied", lambda: ask("forbidden")),
    "a hosted tool no policy names": (anthropic.PermissionDeniedError, 403, "permission_error", "access_denied", lambda: ask(tools=[SEARCH])),
    "a path that is not there": (anthropic.NotFoundError, 404, "not_found_error", "target_unknown", lambda: client.post("/v1/messages/nothing", cast_to=object, body={})),
    "an upstream that refuses our credential": (anthropic.InternalServerError, 502, "api_error", "upstream_invalid", lambda: ask("locked")),
    "an upstream's own 400": (anthropic.BadRequestError, 400, "invalid_request_error", None, lambda: ask("strict")),
}
RETRIED = {
    "an upstream that is not there": (anthropic.InternalServerError, 503, "api_error", "upstream_unavailable", lambda: ask("gone")),
    "an upstream's own 429": (anthropic.RateLimitError, 429, "rate_limit_error", None, lambda: ask("busy")),
    "an upstream's own 529": (anthropic.InternalServerError, 529, "overloaded_error", None, lambda: ask("overloaded")),
}
# The SDK's default: two retries after the first attempt.
ATTEMPTS = 3

CASES = {
    case.__name__: case
    for case in (whole, streaming, stream_helper, blocks_streamed_as_whole, cut, tool_runner, thinking_turns, count_tokens, models, bearer, async_streaming, errors_in_stream)
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
print(f"anthropic {anthropic.__version__}: {len(CASES) - failures} of {len(CASES)} cases")
sys.exit(1 if failures else 0)
