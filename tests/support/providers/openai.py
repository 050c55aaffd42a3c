"""Answers of OpenAI's endpoints, with fields that no reader asks for, and some not known yet."""

from typing import Any

from support.providers.vector import COMPLETION, DONE, PROMPT, REQUEST_ID, Vector, data, named

URL = "https://api.openai.com/v1"
MODEL = "gpt-5.5-2026-04-23"
MESSAGES = [{"role": "user", "content": PROMPT}]

CHAT_USAGE = {
    "prompt_tokens": 1830,
    "completion_tokens": 212,
    "total_tokens": 2042,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0, "text_tokens": 806},
    "completion_tokens_details": {
        "reasoning_tokens": 128,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
    "not_known_yet": {"tokens": [1, 2]},
}
CHAT_EVENT = {
    "id": "chatcmpl-A1",
    "kind": "completions",
    "provider": "openai",
    "model": MODEL,
    "service_tier": "default",
    "input_tokens": 1830,
    "input_cached_tokens": 1024,
    "output_tokens": 212,
    "output_reasoning_tokens": 128,
    "num_model_requests": 1,
}


def chat(usage: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": COMPLETION, "annotations": []}
    return {
        "id": "chatcmpl-A1",
        "object": "chat.completion",
        "created": 1790845261,
        "model": MODEL,
        "choices": [
            {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None, "new": 1}
        ],
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    } | fields


def chunk(delta: dict[str, Any] | None, **fields: Any) -> bytes:
    """A chunk of a chat stream; without choices when there is no delta."""
    finished = None if delta else "stop"
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finished}]
    return data(
        {
            "id": "chatcmpl-A1",
            "object": "chat.completion.chunk",
            "created": 1790845261,
            "model": MODEL,
            "service_tier": "default",
            "choices": choices,
            "obfuscation": "x1",
        }
        | fields
    )


CHAT_DELTAS = (
    chunk({"role": "assistant", "content": ""}, usage=None),
    chunk({"content": COMPLETION}, usage=None),
    chunk({"content": " é\u2028"}, usage=None),
    chunk({}, usage=None),
)
USAGE_CHUNK = chunk(None, usage=CHAT_USAGE)
CHAT_STREAM = (*CHAT_DELTAS, USAGE_CHUNK, DONE)

RESPONSE_USAGE = {
    "input_tokens": 5200,
    "input_tokens_details": {
        "cached_tokens": 2048,
        "cache_write_tokens": 1000,
        "cache_write_tokens_details": {"ttl_30m_tokens": 600, "ttl_12h_tokens": 400},
    },
    "output_tokens": 640,
    "output_tokens_details": {"reasoning_tokens": 256},
    "total_tokens": 5840,
}


def response(status: str, usage: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    """A response of the Responses API."""
    text = {"type": "output_text", "text": COMPLETION, "annotations": []}
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }
    return {
        "id": "resp_B2",
        "object": "response",
        "created_at": 1790845261,
        "status": status,
        "model": MODEL,
        "instructions": PROMPT,
        "output": [message] if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "service_tier": "priority",
        "usage": usage,
        "not_known_yet": True,
    } | fields


RESPONSE_EVENT = {
    "id": "resp_B2",
    "kind": "completions",
    "provider": "openai",
    "model": MODEL,
    "service_tier": "priority",
    "input_tokens": 5200,
    "input_cached_tokens": 2048,
    "input_cache_write_tokens": 1000,
    "input_cache_write_12h_tokens": 400,
    "output_tokens": 640,
    "output_reasoning_tokens": 256,
    "num_model_requests": 1,
}

_SEARCH = {"type": "web_search_call", "status": "completed"}
_CODE = {"type": "code_interpreter_call", "status": "completed", "code": COMPLETION, "outputs": []}
TOOL_ITEMS = [
    _SEARCH | {"id": "ws_1", "action": {"type": "search", "query": PROMPT, "sources": []}},
    _SEARCH | {"id": "ws_2", "action": {"type": "open_page", "url": "https://example.org"}},
    _SEARCH | {"id": "ws_3", "action": {"type": "search", "query": PROMPT}},
    {"type": "file_search_call", "id": "fs_1", "queries": [PROMPT], "status": "completed"},
    _CODE | {"id": "ci_1", "container_id": "cntr_1"},
    _CODE | {"id": "ci_2", "container_id": "cntr_1"},
    {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": COMPLETION},
]
TOOLS = [
    {"type": "web_search", "search_context_size": "low"},
    {"type": "file_search", "vector_store_ids": ["vs_1"]},
    {"type": "code_interpreter", "container": {"type": "auto"}},
    {"type": "image_generation", "model": "gpt-image-1.5"},
    {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True},
]
TOOL_USAGE = {
    "image_gen": {
        "input_tokens": 60,
        "input_tokens_details": {"image_tokens": 40, "text_tokens": 20},
        "output_tokens": 1056,
        "output_tokens_details": {"image_tokens": 1056, "text_tokens": 0},
        "total_tokens": 1116,
    },
    "web_search": {"num_requests": 2},
}
_OF_TOOLS = {"provider": "openai", "model": MODEL}
TOOL_EVENTS = [
    {
        "id": "resp_B2:web_search_calls",
        "kind": "web_search_calls",
        "num_requests": 2,
        "num_model_requests": 1,
        "context_level": "low",
    }
    | _OF_TOOLS,
    {
        "id": "resp_B2:file_search_calls",
        "kind": "file_search_calls",
        "num_requests": 1,
        "vector_store_id": "vs_1",
    }
    | _OF_TOOLS,
    {
        "id": "resp_B2:code_interpreter_sessions",
        "kind": "code_interpreter_sessions",
        "num_sessions": 1,
    }
    | _OF_TOOLS,
    {
        "id": "resp_B2:image_generation",
        "kind": "completions",
        "provider": "openai",
        "model": "gpt-image-1.5",
        "input_tokens": 60,
        "input_image_tokens": 40,
        "output_tokens": 1056,
        "output_image_tokens": 1056,
        "num_model_requests": 1,
    },
]


def response_stream(end: str, usage: dict[str, Any] | None, **fields: Any) -> list[bytes]:
    """The events of a response, to the one with which it ends."""
    delta = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    return [
        named({"type": "response.created", "sequence_number": 0}
              | {"response": response("in_progress", None)}),
        named({"type": "response.output_text.delta", "sequence_number": 1, "delta": COMPLETION}
              | delta),
        named({"type": f"response.{end}", "sequence_number": 2}
              | {"response": response(end, usage, **fields)}),
    ]  # fmt: skip


IMAGE_USAGE = {
    "input_tokens": 350,
    "input_tokens_details": {"image_tokens": 323, "text_tokens": 27},
    "output_tokens": 4160,
    "output_tokens_details": {"image_tokens": 4160, "text_tokens": 0},
    "total_tokens": 4510,
}
# As streams report it.
_UNDETAILED = {
    name: count for name, count in IMAGE_USAGE.items() if name != "output_tokens_details"
}
IMAGE_EVENT = {
    "id": REQUEST_ID,
    "kind": "completions",
    "provider": "openai",
    "model": "gpt-image-1.5",
    "input_tokens": 350,
    "input_image_tokens": 323,
    "output_tokens": 4160,
    "output_image_tokens": 4160,
    "num_model_requests": 1,
}
_TOKENS = {
    "type": "tokens",
    "input_tokens": 900,
    "input_token_details": {"audio_tokens": 880, "text_tokens": 20},
    "output_tokens": 120,
    "total_tokens": 1020,
}
_HEARD = {
    "id": REQUEST_ID,
    "kind": "completions",
    "provider": "openai",
    "model": "gpt-4o-transcribe",
    "input_tokens": 900,
    "input_audio_tokens": 880,
    "output_tokens": 120,
    "num_model_requests": 1,
}
_WHISPERED = {
    "id": REQUEST_ID,
    "kind": "audio_transcriptions",
    "provider": "openai",
    "model": "whisper-1",
    "num_model_requests": 1,
}

VECTORS = (
    Vector(
        name="chat",
        url=f"{URL}/chat/completions",
        request={"model": "gpt-5.5", "messages": MESSAGES},
        answer=chat(CHAT_USAGE),
        events=[CHAT_EVENT],
        flavour="chat",
    ),
    Vector(
        name="chat with sound and pictures",
        url=f"{URL}/chat/completions",
        request={"model": "gpt-audio", "messages": MESSAGES},
        answer=chat(
            {
                "prompt_tokens": 500,
                "completion_tokens": 300,
                "total_tokens": 800,
                "prompt_tokens_details": {
                    "cached_tokens": 100,
                    "audio_tokens": 250,
                    "image_tokens": 85,
                    "cache_write_tokens": 50,
                },
                "completion_tokens_details": {"audio_tokens": 240, "reasoning_tokens": 0},
            },
            model="gpt-audio-2026-01-15",
            service_tier="flex",
        ),
        events=[
            {
                "id": "chatcmpl-A1",
                "kind": "completions",
                "provider": "openai",
                "model": "gpt-audio-2026-01-15",
                "service_tier": "flex",
                "input_tokens": 500,
                "input_cached_tokens": 100,
                "input_cache_write_tokens": 50,
                "input_audio_tokens": 250,
                "input_image_tokens": 85,
                "output_tokens": 300,
                "output_audio_tokens": 240,
                "num_model_requests": 1,
            }
        ],
        flavour="chat",
    ),
    Vector(
        name="chat stream",
        url=f"{URL}/chat/completions",
        request={"model": "gpt-5.5", "messages": MESSAGES, "stream": True}
        | {"stream_options": {"include_usage": True}},
        stream=CHAT_STREAM,
        events=[CHAT_EVENT],
    ),
    Vector(
        name="legacy completion",
        url=f"{URL}/completions",
        request={"model": "gpt-3.5-turbo-instruct", "prompt": PROMPT},
        answer={
            "id": "cmpl-C3",
            "object": "text_completion",
            "created": 1790845261,
            "model": "gpt-3.5-turbo-instruct:20230824-v2",
            "choices": [
                {"text": COMPLETION, "index": 0, "logprobs": None, "finish_reason": "stop"}
            ],
            "usage": {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16},
        },
        events=[
            {
                "id": "cmpl-C3",
                "kind": "completions",
                "provider": "openai",
                "model": "gpt-3.5-turbo-instruct:20230824-v2",
                "input_tokens": 7,
                "output_tokens": 9,
                "num_model_requests": 1,
            }
        ],
        flavour="chat",
    ),
    Vector(
        name="response",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT},
        answer=response("completed", RESPONSE_USAGE),
        events=[RESPONSE_EVENT],
        flavour="responses",
    ),
    Vector(
        name="response with tools",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT, "tools": TOOLS},
        answer=response(
            "completed", RESPONSE_USAGE, output=TOOL_ITEMS, tools=TOOLS, tool_usage=TOOL_USAGE
        ),
        events=[RESPONSE_EVENT, *TOOL_EVENTS],
        flavour="responses",
    ),
    Vector(
        name="response with tools that nobody summed up",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT, "tools": TOOLS},
        answer=response("completed", RESPONSE_USAGE, output=TOOL_ITEMS, tools=TOOLS),
        events=[RESPONSE_EVENT, *TOOL_EVENTS[:3]],
    ),
    Vector(
        name="response stream",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT, "stream": True},
        stream=response_stream(
            "completed", RESPONSE_USAGE, output=TOOL_ITEMS, tools=TOOLS, tool_usage=TOOL_USAGE
        ),
        events=[RESPONSE_EVENT, *TOOL_EVENTS],
    ),
    Vector(
        name="response stream that ends incomplete",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT, "stream": True},
        stream=response_stream("incomplete", RESPONSE_USAGE),
        events=[RESPONSE_EVENT],
    ),
    Vector(
        name="response stream that fails",
        url=f"{URL}/responses",
        request={"model": "gpt-5.5", "input": PROMPT, "stream": True},
        stream=response_stream("failed", None),
        events=[
            {
                "id": "resp_B2",
                "kind": "completions",
                "provider": "openai",
                "model": MODEL,
                "service_tier": "priority",
                "input_tokens": 0,
                "output_tokens": 0,
                "num_model_requests": 1,
                "tags": {"usage": "not_reported"},
            }
        ],
    ),
    Vector(
        name="decision",
        url=f"{URL}/decisions",
        request={"model": "gpt-5.5-decide", "input": PROMPT, "questions": [{"type": "predicate"}]},
        answer={
            "answers": [{"type": "predicate", "name": COMPLETION, "probability": 0.75}],
            "model": "gpt-5.5-decide-2026-10-01",
            "usage": {
                "input_tokens": 410,
                "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 128},
                "output_tokens": 3,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 413,
            },
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "decisions",
                "provider": "openai",
                "model": "gpt-5.5-decide-2026-10-01",
                "input_tokens": 410,
                "input_cached_tokens": 128,
                "output_tokens": 3,
                "num_model_requests": 1,
            }
        ],
        flavour="responses",
    ),
    Vector(
        name="embeddings",
        url=f"{URL}/embeddings",
        request={"model": "text-embedding-3-small", "input": [PROMPT]},
        answer={
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}],
            "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 8, "total_tokens": 8},
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "embeddings",
                "provider": "openai",
                "model": "text-embedding-3-small",
                "input_tokens": 8,
                "num_model_requests": 1,
            }
        ],
        flavour="embeddings",
    ),
    Vector(
        name="moderation",
        url=f"{URL}/moderations",
        request={"model": "omni-moderation-latest", "input": PROMPT},
        answer={
            "id": "modr-D4",
            "model": "omni-moderation-2024-09-26",
            "results": [
                {"flagged": False, "categories": {}, "category_scores": {}}
                | {"category_applied_input_types": {}}
            ],
        },
        events=[
            {
                "id": "modr-D4",
                "kind": "moderations",
                "provider": "openai",
                "model": "omni-moderation-2024-09-26",
                "input_tokens": 0,
                "num_model_requests": 1,
                "tags": {"usage": "not_reported"},
            }
        ],
    ),
    Vector(
        name="images, counted",
        url=f"{URL}/images/generations",
        request={"model": "dall-e-3", "prompt": PROMPT, "size": "1024x1792", "quality": "hd"},
        answer={
            "created": 1790845261,
            "data": [{"b64_json": COMPLETION, "revised_prompt": PROMPT}, {"url": "https://i"}],
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "images",
                "provider": "openai",
                "model": "dall-e-3",
                "size": "1024x1792",
                "quality": "hd",
                "source": "image.generation",
                "images": 2,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="images, by tokens",
        url=f"{URL}/images/generations",
        request={"model": "gpt-image-1.5", "prompt": PROMPT},
        answer={
            "created": 1790845261,
            "data": [{"b64_json": COMPLETION}],
            "size": "1024x1024",
            "quality": "high",
            "usage": IMAGE_USAGE,
        },
        events=[IMAGE_EVENT],
        flavour="images",
    ),
    Vector(
        name="image stream",
        url=f"{URL}/images/generations",
        request={"model": "gpt-image-1.5", "prompt": PROMPT, "stream": True},
        stream=[
            named(
                {"type": "image_generation.partial_image", "b64_json": COMPLETION}
                | {"partial_image_index": 0, "created_at": 1, "size": "1024x1024"}
                | {"quality": "high", "background": "auto", "output_format": "png"}
            ),
            named(
                {"type": "image_generation.completed", "b64_json": COMPLETION}
                | {"created_at": 1, "size": "1024x1024", "quality": "high"}
                | {"background": "auto", "output_format": "png"}
                | {"usage": _UNDETAILED}
            ),
        ],
        events=[IMAGE_EVENT],
    ),
    Vector(
        name="image edit",
        url=f"{URL}/images/edits",
        form={"prompt": PROMPT, "model": "dall-e-2", "size": "512x512"},
        answer={"created": 1790845261, "data": [{"url": "https://i"}]},
        events=[
            {
                "id": REQUEST_ID,
                "kind": "images",
                "provider": "openai",
                "model": "dall-e-2",
                "size": "512x512",
                "source": "image.edit",
                "images": 1,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="image variation",
        url=f"{URL}/images/variations",
        form={"n": "1", "model": "dall-e-2"},
        answer={"created": 1790845261, "data": [{"url": "https://i"}]},
        events=[
            {
                "id": REQUEST_ID,
                "kind": "images",
                "provider": "openai",
                "model": "dall-e-2",
                "source": "image.variation",
                "images": 1,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="speech",
        url=f"{URL}/audio/speech",
        request={"model": "tts-1", "voice": "alloy", "input": f"{PROMPT} é🦦"},
        answer=b"ID3" + COMPLETION.encode(),
        content_type="audio/mpeg",
        events=[
            {
                "id": REQUEST_ID,
                "kind": "audio_speeches",
                "provider": "openai",
                "model": "tts-1",
                "characters": len(PROMPT) + 3,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="speech stream",
        url=f"{URL}/audio/speech",
        request={"model": "gpt-4o-mini-tts", "voice": "alloy", "input": PROMPT}
        | {"stream_format": "sse"},
        stream=[
            named({"type": "speech.audio.delta", "audio": COMPLETION}),
            named(
                {"type": "speech.audio.done"}
                | {"usage": {"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}}
            ),
        ],
        events=[
            {
                "id": REQUEST_ID,
                "kind": "completions",
                "provider": "openai",
                "model": "gpt-4o-mini-tts",
                "input_tokens": 14,
                "output_tokens": 101,
                "output_audio_tokens": 101,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="transcription, by tokens",
        url=f"{URL}/audio/transcriptions",
        form={"model": "gpt-4o-transcribe", "prompt": PROMPT},
        answer={"text": COMPLETION, "usage": _TOKENS},
        events=[_HEARD],
    ),
    Vector(
        name="transcription stream",
        url=f"{URL}/audio/transcriptions",
        form={"model": "gpt-4o-transcribe", "stream": "true"},
        stream=[
            named({"type": "transcript.text.delta", "delta": COMPLETION}),
            named({"type": "transcript.text.done", "text": COMPLETION, "usage": _TOKENS}),
        ],
        events=[_HEARD],
    ),
    Vector(
        name="transcription, by its duration",
        url=f"{URL}/audio/transcriptions",
        form={"model": "whisper-1", "response_format": "verbose_json"},
        answer={"text": COMPLETION, "language": "english", "duration": 62.37, "segments": []},
        events=[_WHISPERED | {"seconds": 62.37}],
    ),
    Vector(
        name="transcription, by seconds",
        url=f"{URL}/audio/transcriptions",
        form={"model": "whisper-1"},
        answer={"text": COMPLETION, "usage": {"type": "duration", "seconds": 63}},
        events=[_WHISPERED | {"seconds": 63}],
    ),
    Vector(
        name="transcription as plain text",
        url=f"{URL}/audio/transcriptions",
        form={"model": "whisper-1", "response_format": "text"},
        answer=COMPLETION.encode(),
        content_type="text/plain; charset=utf-8",
        events=[_WHISPERED | {"seconds": 0, "tags": {"usage": "not_reported"}}],
    ),
    Vector(
        name="translation",
        url=f"{URL}/audio/translations",
        form={"model": "whisper-1", "response_format": "verbose_json"},
        answer={"text": COMPLETION, "language": "english", "duration": 5.5},
        events=[_WHISPERED | {"seconds": 5.5}],
    ),
)
