"""The official SDKs for Python, with their default settings, against calls that wait for a person. Prints one JSON line for each call.

Usage: patient.py openai|anthropic; addresses and keys come in the environment. Each call's prompt says what the reviewer does with it.
"""

import json
import os
import sys
import threading
import time

URL, KEY = os.environ["PATIENCE_URL"], os.environ["PATIENCE_KEY"]


def openai_calls():
    import openai

    client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY)

    def ask(content, stream):
        answer = client.chat.completions.create(model="gpt-4o", stream=stream, messages=[{"role": "user", "content": content}])
        if not stream:
            return answer.choices[0].message.content
        return "".join(part.choices[0].delta.content or "" for part in answer if part.choices)

    return ask


def anthropic_calls():
    import anthropic

    client = anthropic.Anthropic(base_url=URL, auth_token=KEY)

    def ask(content, stream):
        asked = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": content}]}
        if not stream:
            return client.messages.create(**asked).content[0].text
        with client.messages.stream(**asked) as answer:
            return answer.get_final_text()

    return ask


def attempt(ask, content, stream):
    from_ = time.monotonic()
    try:
        said, error = ask(content, stream), None
    except Exception as thrown:
        said, error = str(thrown), type(thrown).__name__
    print(json.dumps({"prompt": content, "streamed": stream, "said": said, "error": error, "seconds": time.monotonic() - from_}), flush=True)


ask = {"openai": openai_calls, "anthropic": anthropic_calls}[sys.argv[1]]()
calls = [
    threading.Thread(target=attempt, args=(ask, f"{verdict} {sys.argv[1]} Python {stream}", stream))
    for verdict in ("approve", "deny")
    for stream in (False, True)
]
for call in calls:
    call.start()
for call in calls:
    call.join()
