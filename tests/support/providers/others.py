"""Answers of Anthropic, Mistral and Google, and of others in their formats and OpenAI's."""

from typing import Any

from support.providers import openai
from support.providers.vector import COMPLETION, DONE, PROMPT, REQUEST_ID, Vector, data, named

MESSAGES = openai.MESSAGES
CLAUDE = "claude-opus-4-8-20260301"
ANTHROPIC_URL = "https://api.anthropic.com/v1/messages"
MISTRAL_URL = "https://api.mistral.ai/v1"
GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro-preview"

CLAUDE_USAGE = {
    "input_tokens": 12,
    "cache_creation_input_tokens": 1000,
    "cache_read_input_tokens": 5000,
    "cache_creation": {"ephemeral_5m_input_tokens": 700, "ephemeral_1h_input_tokens": 300},
    "output_tokens": 503,
    "output_tokens_details": {"thinking_tokens": 200},
    "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 0},
    "service_tier": "standard",
    "inference_geo": "global",
}
CLAUDE_EVENTS = [
    {
        "id": "msg_E5",
        "kind": "completions",
        "provider": "anthropic",
        "model": CLAUDE,
        "service_tier": "standard",
        "input_tokens": 6012,
        "input_cached_tokens": 5000,
        "input_cache_write_tokens": 1000,
        "input_cache_write_12h_tokens": 300,
        "output_tokens": 503,
        "output_reasoning_tokens": 200,
        "num_model_requests": 1,
    },
    {
        "id": "msg_E5:web_search_calls",
        "kind": "web_search_calls",
        "provider": "anthropic",
        "model": CLAUDE,
        "num_requests": 3,
        "num_model_requests": 1,
    },
]


def message(usage: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A message of Anthropic's."""
    return {
        "id": "msg_E5",
        "type": "message",
        "role": "assistant",
        "model": CLAUDE,
        "content": [{"type": "text", "text": COMPLETION}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
        "not_known_yet": {"a": 1},
    } | fields


CLAUDE_STREAM = (
    named(
        {"type": "message_start"}
        | {
            "message": message(
                {k: v for k, v in CLAUDE_USAGE.items() if k[:6] not in ("output", "server")}
                | {"output_tokens": 2},
                content=[],
                stop_reason=None,
            )
        }
    ),
    named({"type": "ping"}),
    named({"type": "content_block_start", "index": 0}
          | {"content_block": {"type": "text", "text": ""}}),
    named({"type": "content_block_delta", "index": 0}
          | {"delta": {"type": "text_delta", "text": COMPLETION}}),
    named({"type": "content_block_stop", "index": 0}),
    named(
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}}
        | {
            "usage": {
                "input_tokens": 12,
                "cache_creation_input_tokens": 1000,
                "cache_read_input_tokens": 5000,
                "output_tokens": 503,
                "output_tokens_details": {"thinking_tokens": 200},
                "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 0},
            }
        }
    ),
    named({"type": "message_stop"}),
)  # fmt: skip

MISTRAL_USAGE = {
    "prompt_tokens": 320,
    "completion_tokens": 45,
    "total_tokens": 365,
    "prompt_tokens_details": {"cached_tokens": 256},
    "service_tier": "standard",
}
MISTRAL_EVENT = {
    "id": "cmpl-F6",
    "kind": "completions",
    "provider": "mistral",
    "model": "mistral-large-2512",
    "service_tier": "standard",
    "input_tokens": 320,
    "input_cached_tokens": 256,
    "output_tokens": 45,
    "num_model_requests": 1,
}


def mistral_chat(usage: dict[str, Any]) -> dict[str, Any]:
    """A chat or FIM completion of Mistral's."""
    message = {"role": "assistant", "content": COMPLETION, "tool_calls": None, "prefix": False}
    return {
        "id": "cmpl-F6",
        "object": "chat.completion",
        "created": 1790845261,
        "model": "mistral-large-2512",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }


def mistral_chunk(content: str, finish: str | None = None, **fields: Any) -> bytes:
    """A chunk of a stream of Mistral's."""
    choice = {"index": 0, "delta": {"role": "assistant", "content": content}}
    return data(
        {
            "id": "cmpl-F6",
            "object": "chat.completion.chunk",
            "created": 1790845261,
            "model": "mistral-large-2512",
            "choices": [choice | {"finish_reason": finish}],
        }
        | fields
    )


MISTRAL_STREAM = (
    mistral_chunk(""),
    mistral_chunk(COMPLETION),
    mistral_chunk("", "stop", usage=MISTRAL_USAGE),
    DONE,
)


def gemini(usage: dict[str, Any], finish: str | None = "STOP", **fields: Any) -> dict[str, Any]:
    """A whole answer, or a chunk, of Gemini's."""
    candidate: dict[str, Any] = {
        "content": {"role": "model", "parts": [{"text": COMPLETION}]},
        "index": 0,
    }
    return {
        "candidates": [candidate | ({"finishReason": finish} if finish else {}) | fields],
        "usageMetadata": usage,
        "modelVersion": "gemini-3-pro-preview",
        "responseId": "G7",
    }


GEMINI_USAGE = {
    "promptTokenCount": 1500,
    "cachedContentTokenCount": 600,
    "candidatesTokenCount": 90,
    "thoughtsTokenCount": 210,
    "toolUsePromptTokenCount": 120,
    "totalTokenCount": 1920,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 700},
        {"modality": "AUDIO", "tokenCount": 300},
        {"modality": "VIDEO", "tokenCount": 242},
        {"modality": "IMAGE", "tokenCount": 258},
    ],
    "cacheTokensDetails": [
        {"modality": "TEXT", "tokenCount": 500},
        {"modality": "AUDIO", "tokenCount": 100},
    ],
    "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 120}],
    "serviceTier": "standard",
}
GEMINI_EVENT = {
    "id": "G7",
    "kind": "completions",
    "provider": "google",
    "model": "gemini-3-pro-preview",
    "service_tier": "standard",
    "input_tokens": 1620,
    "input_cached_tokens": 600,
    "input_cached_audio_tokens": 100,
    "input_audio_tokens": 200,
    "input_image_tokens": 500,
    "output_tokens": 300,
    "output_reasoning_tokens": 210,
    "num_model_requests": 1,
}
GEMINI_SEARCHES = {
    "id": "G7:web_search_calls",
    "kind": "web_search_calls",
    "provider": "google",
    "model": "gemini-3-pro-preview",
    "num_requests": 2,
    "num_model_requests": 1,
}
GROUNDING: dict[str, Any] = {"groundingMetadata": {"webSearchQueries": [PROMPT, COMPLETION]}}
GEMINI_REQUEST = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
_VERTEX = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1"

VECTORS = (
    Vector(
        name="message",
        url=ANTHROPIC_URL,
        request={"model": "claude-opus-4-8", "max_tokens": 1000, "messages": MESSAGES},
        answer=message(CLAUDE_USAGE),
        events=CLAUDE_EVENTS,
        flavour="default",
    ),
    Vector(
        name="message stream",
        url=ANTHROPIC_URL,
        request={"model": "claude-opus-4-8", "max_tokens": 1000, "messages": MESSAGES}
        | {"stream": True},
        stream=CLAUDE_STREAM,
        events=CLAUDE_EVENTS,
    ),
    Vector(
        name="message on Vertex AI",
        url=f"{_VERTEX}/publishers/anthropic/models/claude-opus-4-8:rawPredict",
        request={"anthropic_version": "vertex-2023-10-16", "messages": MESSAGES},
        answer=message({"input_tokens": 3, "output_tokens": 4}),
        events=[
            {
                "id": "msg_E5",
                "kind": "completions",
                "provider": "google",
                "model": CLAUDE,
                "input_tokens": 3,
                "output_tokens": 4,
                "num_model_requests": 1,
            }
        ],
        flavour="anthropic",
    ),
    Vector(
        name="message on Bedrock",
        url="https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v9/invoke",
        request={"anthropic_version": "bedrock-2023-05-31", "messages": MESSAGES},
        answer=message(CLAUDE_USAGE, model=None),
        events=[
            CLAUDE_EVENTS[0] | {"provider": "aws", "model": "anthropic.claude-v9"},
            CLAUDE_EVENTS[1] | {"provider": "aws", "model": "anthropic.claude-v9"},
        ],
        flavour="anthropic",
    ),
    Vector(
        name="stream on Bedrock, in a format that is not read",
        url="https://bedrock-runtime.eu-west-1.amazonaws.com/model/anthropic.claude-v9"
        "/invoke-with-response-stream",
        request={"anthropic_version": "bedrock-2023-05-31", "messages": MESSAGES},
        answer=b"\x00\x00\x01" + COMPLETION.encode(),
        content_type="application/vnd.amazon.eventstream",
        events=[
            {
                "id": REQUEST_ID,
                "kind": "completions",
                "provider": "aws",
                "model": "anthropic.claude-v9",
                "input_tokens": 0,
                "output_tokens": 0,
                "num_model_requests": 1,
                "tags": {"usage": "not_reported"},
            }
        ],
    ),
    Vector(
        name="Mistral chat",
        url=f"{MISTRAL_URL}/chat/completions",
        request={"model": "mistral-large-latest", "messages": MESSAGES},
        answer=mistral_chat(MISTRAL_USAGE),
        events=[MISTRAL_EVENT],
        flavour="default",
    ),
    Vector(
        name="Mistral chat stream",
        url=f"{MISTRAL_URL}/chat/completions",
        request={"model": "mistral-large-latest", "messages": MESSAGES, "stream": True},
        stream=MISTRAL_STREAM,
        events=[MISTRAL_EVENT],
    ),
    Vector(
        name="Mistral FIM",
        url=f"{MISTRAL_URL}/fim/completions",
        request={"model": "codestral-latest", "prompt": PROMPT},
        answer=mistral_chat(MISTRAL_USAGE),
        events=[MISTRAL_EVENT],
        flavour="default",
    ),
    Vector(
        name="Mistral agent",
        url=f"{MISTRAL_URL}/agents/completions",
        request={"agent_id": "ag_1", "messages": MESSAGES},
        answer=mistral_chat(MISTRAL_USAGE),
        events=[MISTRAL_EVENT],
        flavour="default",
    ),
    Vector(
        name="Mistral embeddings",
        url=f"{MISTRAL_URL}/embeddings",
        request={"model": "mistral-embed", "input": [PROMPT]},
        answer={
            "id": "embd-1",
            "object": "list",
            "model": "mistral-embed",
            "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9},
        },
        events=[
            {
                "id": "embd-1",
                "kind": "embeddings",
                "provider": "mistral",
                "model": "mistral-embed",
                "input_tokens": 9,
                "num_model_requests": 1,
            }
        ],
        flavour="default",
    ),
    Vector(
        name="Mistral moderation",
        url=f"{MISTRAL_URL}/chat/moderations",
        request={"model": "mistral-moderation-latest", "input": [MESSAGES]},
        answer={
            "id": "mod-1",
            "model": "mistral-moderation-2411",
            "results": [{"categories": {}, "category_scores": {}}],
            "usage": {"prompt_tokens": 11, "total_tokens": 11},
        },
        events=[
            {
                "id": "mod-1",
                "kind": "moderations",
                "provider": "mistral",
                "model": "mistral-moderation-2411",
                "input_tokens": 11,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="Mistral transcription",
        url=f"{MISTRAL_URL}/audio/transcriptions",
        form={"model": "voxtral-mini-latest"},
        answer={
            "model": "voxtral-mini-2602",
            "text": COMPLETION,
            "language": None,
            "usage": {"prompt_audio_seconds": 42, "prompt_tokens": 3, "completion_tokens": 30},
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "audio_transcriptions",
                "provider": "mistral",
                "model": "voxtral-mini-2602",
                "seconds": 42,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="Gemini content",
        url=f"{GEMINI_URL}:generateContent",
        request=GEMINI_REQUEST,
        answer=gemini(GEMINI_USAGE, **GROUNDING),
        events=[GEMINI_EVENT, GEMINI_SEARCHES],
        flavour="default",
    ),
    Vector(
        name="Gemini content stream",
        url=f"{GEMINI_URL}:streamGenerateContent?alt=sse",
        request=GEMINI_REQUEST,
        stream=[
            data(gemini({"promptTokenCount": 1500, "candidatesTokenCount": 4}, None), b"\r\n\r\n"),
            data(gemini(GEMINI_USAGE), b"\r\n\r\n"),
        ],
        events=[GEMINI_EVENT],
    ),
    Vector(
        name="Gemini content stream as one array",
        url=f"{GEMINI_URL}:streamGenerateContent",
        request=GEMINI_REQUEST,
        answer=[gemini({"promptTokenCount": 1500}, None), gemini(GEMINI_USAGE, **GROUNDING)],
        events=[GEMINI_EVENT, GEMINI_SEARCHES],
    ),
    Vector(
        name="Gemini 2 on Vertex AI, grounded and with sound",
        url=f"{_VERTEX}/publishers/google/models/gemini-2.5-flash:generateContent",
        request=GEMINI_REQUEST,
        answer=gemini(
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 700,
                "candidatesTokensDetails": [
                    {"modality": "AUDIO", "tokenCount": 400},
                    {"modality": "IMAGE", "tokenCount": 258},
                    {"modality": "TEXT", "tokenCount": 42},
                ],
                "trafficType": "ON_DEMAND_PRIORITY",
            },
            **GROUNDING,
        )
        | {"modelVersion": "gemini-2.5-flash"},
        events=[
            {
                "id": "G7",
                "kind": "completions",
                "provider": "google",
                "model": "gemini-2.5-flash",
                "service_tier": "priority",
                "input_tokens": 10,
                "output_tokens": 700,
                "output_audio_tokens": 400,
                "output_image_tokens": 258,
                "num_model_requests": 1,
            },
            GEMINI_SEARCHES | {"model": "gemini-2.5-flash", "num_requests": 1},
        ],
        flavour="default",
    ),
    Vector(
        name="Gemini embeddings",
        url="https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001"
        ":batchEmbedContents",
        request={"requests": [{"content": {"parts": [{"text": PROMPT}]}}]},
        answer={"embeddings": [{"values": [0.5]}], "usageMetadata": {"promptTokenCount": 6}},
        events=[
            {
                "id": REQUEST_ID,
                "kind": "embeddings",
                "provider": "google",
                "model": "gemini-embedding-001",
                "input_tokens": 6,
                "num_model_requests": 1,
            }
        ],
        flavour="default",
    ),
    Vector(
        name="embeddings on Vertex AI",
        url=f"{_VERTEX}/publishers/google/models/text-embedding-005:predict",
        request={"instances": [{"content": PROMPT}]},
        answer={
            "predictions": [
                {"embeddings": {"statistics": {"token_count": 6, "truncated": False}}},
                {"embeddings": {"statistics": {"token_count": 5.0}, "values": [0.5]}},
            ]
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "embeddings",
                "provider": "google",
                "model": "text-embedding-005",
                "input_tokens": 11,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="images on Vertex AI",
        url=f"{_VERTEX}/publishers/google/models/imagen-4.0-generate-001:predict",
        request={"instances": [{"prompt": PROMPT}], "parameters": {"sampleCount": 2}},
        answer={
            "predictions": [
                {"mimeType": "image/png", "bytesBase64Encoded": COMPLETION},
                {"mimeType": "image/png", "bytesBase64Encoded": COMPLETION},
            ]
        },
        events=[
            {
                "id": REQUEST_ID,
                "kind": "images",
                "provider": "google",
                "model": "imagen-4.0-generate-001",
                "source": "image.generation",
                "images": 2,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="chat at an Azure deployment",
        url="https://acme.openai.azure.com/openai/deployments/our-gpt/chat/completions"
        "?api-version=2024-10-21",
        request={"messages": MESSAGES},
        answer=openai.chat(openai.CHAT_USAGE, model="gpt-4o-2024-11-20"),
        events=[openai.CHAT_EVENT | {"provider": "azure", "model": "gpt-4o-2024-11-20"}],
        flavour="chat",
    ),
    Vector(
        name="image at an Azure deployment",
        url="https://acme.openai.azure.com/openai/deployments/our-dall-e/images/generations"
        "?api-version=2024-10-21",
        request={"prompt": PROMPT, "n": 1},
        answer={"created": 1790845261, "data": [{"url": "https://i"}]},
        events=[
            {
                "id": REQUEST_ID,
                "kind": "images",
                "provider": "azure",
                "model": "our-dall-e",
                "source": "image.generation",
                "images": 1,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="xAI, which counts reasoning beside the completion",
        url="https://api.x.ai/v1/chat/completions",
        request={"model": "grok-4", "messages": MESSAGES},
        answer=openai.chat(
            {
                "prompt_tokens": 40,
                "completion_tokens": 10,
                "total_tokens": 350,
                "prompt_tokens_details": {"cached_tokens": 8},
                "completion_tokens_details": {"reasoning_tokens": 300},
            },
            model="grok-4-0709",
            service_tier=None,
        ),
        events=[
            {
                "id": "chatcmpl-A1",
                "kind": "completions",
                "provider": "x-ai",
                "model": "grok-4-0709",
                "input_tokens": 40,
                "input_cached_tokens": 8,
                "output_tokens": 310,
                "output_reasoning_tokens": 300,
                "num_model_requests": 1,
            }
        ],
        flavour="chat",
    ),
    Vector(
        name="Groq stream with usage of its own",
        url="https://api.groq.com/openai/v1/chat/completions",
        request={"model": "llama-4", "messages": MESSAGES, "stream": True},
        stream=[
            *openai.CHAT_DELTAS[:2],
            openai.chunk(
                {},
                service_tier=None,
                x_groq={"usage": {"prompt_tokens": 4, "completion_tokens": 5}},
            ),
            DONE,
        ],
        events=[
            {
                "id": "chatcmpl-A1",
                "kind": "completions",
                "provider": "groq",
                "model": openai.MODEL,
                "service_tier": "default",
                "input_tokens": 4,
                "output_tokens": 5,
                "num_model_requests": 1,
            }
        ],
    ),
    Vector(
        name="DeepSeek, from its cache",
        url="https://api.deepseek.com/chat/completions",
        request={"model": "deepseek-chat", "messages": MESSAGES},
        answer=openai.chat(
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "total_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 64},
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
            },
            model="deepseek-chat",
            service_tier=None,
        ),
        events=[
            {
                "id": "chatcmpl-A1",
                "kind": "completions",
                "provider": "deepseek",
                "model": "deepseek-chat",
                "input_tokens": 100,
                "input_cached_tokens": 64,
                "output_tokens": 20,
                "num_model_requests": 1,
            }
        ],
        flavour="chat",
    ),
    Vector(
        name="OpenRouter, below a prefix",
        url="https://openrouter.ai/api/v1/chat/completions",
        request={"model": "openai/gpt-5.5", "messages": MESSAGES},
        answer=openai.chat(openai.CHAT_USAGE, provider="OpenAI", model="openai/gpt-5.5"),
        events=[openai.CHAT_EVENT | {"provider": "openrouter", "model": "openai/gpt-5.5"}],
        flavour="chat",
    ),
)
