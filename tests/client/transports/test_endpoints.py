"""Which requests are model requests, and whose."""

import pytest

from support.providers.vectors import VECTORS
from tallybook.client.transports.endpoints import ENDPOINTS, recognise
from tallybook.client.transports.providers import provider_of

VERTEX = "/v1/projects/p/locations/l/publishers"
ANTHROPIC = f"{VERTEX}/anthropic/models"


@pytest.mark.parametrize(
    ("path", "name", "model"),
    [
        ("/v1/chat/completions", "chat completions", None),
        ("/gateway/openai/v1/chat/completions", "chat completions", None),
        ("/openai/deployments/our-gpt/chat/completions", "chat completions", "our-gpt"),
        ("/v1/projects/p/endpoints/openapi/chat/completions", "chat completions", None),
        ("/v1/completions", "legacy completions", None),
        ("/v1/fim/completions", "FIM completions", None),
        ("/v1/agents/completions", "agent completions", None),
        ("/v1/responses", "responses", None),
        ("/v1/responses/compact", "responses", None),
        ("/anthropic/v1/messages", "messages", None),
        (f"{ANTHROPIC}/claude-x@1:streamRawPredict", "messages on Vertex AI", "claude-x@1"),
        ("/model/eu.anthropic.c-v1:0/invoke", "messages on Bedrock", "eu.anthropic.c-v1:0"),
        (f"{VERTEX}/google/models/gemini-x:streamGenerateContent", "content", "gemini-x"),
        ("/v1beta/models/gemini-x:embedContent", "content embeddings", "gemini-x"),
        ("/v1beta/tunedModels/mine:generateContent", "content", "mine"),
        ("/v1/projects/p/locations/l/endpoints/12:generateContent", "content", "12"),
    ],
)
def test_a_model_request_is_known_by_the_end_of_its_path(
    path: str, name: str, model: str | None
) -> None:
    recognised = recognise("POST", path)
    assert recognised is not None
    assert (recognised.endpoint.name, recognised.model) == (name, model)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/chat/completions"),
        ("GET", "/v1/responses/resp_1"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("POST", "/v1/responses/input_tokens"),
        ("POST", "/v1/files"),
        ("POST", "/v1/batches"),
        ("POST", "/v1/messages/batches"),
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/threads/thread_1/messages"),
        ("POST", f"{ANTHROPIC}/count-tokens:rawPredict"),
        ("POST", "/v1beta/models/gemini-x:countTokens"),
        ("POST", "/v1beta/models/gemini-x:batchGenerateContent"),
        ("POST", "/v1/ocr"),
    ],
)
def test_anything_else_is_not_looked_at(method: str, path: str) -> None:
    assert recognise(method, path) is None


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("api.openai.com", "openai"),
        ("EU.api.openai.com", "openai"),
        ("acme.openai.azure.com", "azure"),
        ("europe-west1-aiplatform.googleapis.com", "google"),
        ("bedrock-runtime.eu-west-1.amazonaws.com", "aws"),
        ("api.openai.com.example.org", None),
        ("notapi.openai.com", None),
        ("localhost", None),
    ],
)
def test_a_host_is_its_providers_or_unknown(host: str, provider: str | None) -> None:
    assert provider_of(host) == provider


def test_every_endpoint_has_a_known_answer() -> None:
    known = set()
    for vector in VECTORS:
        path = vector.url.split("?")[0].split("/", 3)[3]
        recognised = recognise("POST", f"/{path}")
        assert recognised is not None
        known.add(recognised.endpoint.name)
    assert known == {endpoint.name for endpoint in ENDPOINTS}
