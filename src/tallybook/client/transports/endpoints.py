"""The table of endpoints: which requests are model requests, and how their answers are read.

A request is recognised by its method and the end of its path, so the same
formats are read at other hosts: below a gateway's prefix, an Azure deployment,
a Vertex project. What is not here (files, models, batches, counting of tokens)
is passed through and not looked at.
"""

import re
from collections.abc import Callable

import msgspec

from tallybook.client.transports import asked
from tallybook.client.transports.asked import Asked
from tallybook.client.transports.formats.anthropic import MESSAGES
from tallybook.client.transports.formats.audio import SPEECH, TRANSCRIPTION
from tallybook.client.transports.formats.chat import CHAT
from tallybook.client.transports.formats.google import CONTENT, EMBEDDED
from tallybook.client.transports.formats.images import IMAGES
from tallybook.client.transports.formats.inputs import INPUTS
from tallybook.client.transports.formats.responses import RESPONSES
from tallybook.client.transports.reading import Format


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One sort of model request.

    ``path`` is matched with the end of a request's path; its group ``model``,
    if any, is the model or what stands for it. ``provider`` is whose it is at a
    host that is not known.
    """

    name: str
    path: str
    kind: str
    format: Format
    provider: str = "openai"
    method: str = "POST"
    source: str | None = None
    read_request: Callable[[bytes], Asked] = asked.traits
    # Whether its streams report usage only when asked.
    reports_usage_when_asked: bool = False


# A model's name in a path, and what Azure has in its place.
_DEPLOYMENT = r"(?:/deployments/(?P<model>[^/]+))?"
# Models, one's own tuned ones, and those that are deployed to an endpoint on Vertex AI.
_GOOGLE_MODEL = r"(?:models|tunedModels|endpoints)/(?P<model>[^/:]+)"

# The first that fits holds.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="chat completions",
        path=rf"{_DEPLOYMENT}/chat/completions",
        kind="completions",
        format=CHAT,
        reports_usage_when_asked=True,
    ),
    Endpoint(
        name="FIM completions",
        path="/fim/completions",
        kind="completions",
        format=CHAT,
        provider="mistral",
    ),
    Endpoint(
        name="agent completions",
        path="/agents/completions",
        kind="completions",
        format=CHAT,
        provider="mistral",
    ),
    Endpoint(
        name="legacy completions",
        path=rf"{_DEPLOYMENT}/completions",
        kind="completions",
        format=CHAT,
        reports_usage_when_asked=True,
    ),
    Endpoint(
        name="responses", path="/responses(?:/compact)?", kind="completions", format=RESPONSES
    ),
    Endpoint(name="decisions", path="/decisions", kind="decisions", format=RESPONSES),
    Endpoint(
        name="embeddings", path=rf"{_DEPLOYMENT}/embeddings", kind="embeddings", format=INPUTS
    ),
    Endpoint(name="moderations", path="/moderations", kind="moderations", format=INPUTS),
    Endpoint(
        name="image generation",
        path=rf"{_DEPLOYMENT}/images/generations",
        kind="images",
        format=IMAGES,
        source="image.generation",
    ),
    Endpoint(
        name="image edit",
        path=rf"{_DEPLOYMENT}/images/edits",
        kind="images",
        format=IMAGES,
        source="image.edit",
    ),
    Endpoint(
        name="image variation",
        path=rf"{_DEPLOYMENT}/images/variations",
        kind="images",
        format=IMAGES,
        source="image.variation",
    ),
    Endpoint(
        name="speech",
        path=rf"{_DEPLOYMENT}/audio/speech",
        kind="audio_speeches",
        format=SPEECH,
        read_request=asked.speech,
    ),
    Endpoint(
        name="transcription",
        path=rf"{_DEPLOYMENT}/audio/transcriptions",
        kind="audio_transcriptions",
        format=TRANSCRIPTION,
    ),
    Endpoint(
        name="translation",
        path=rf"{_DEPLOYMENT}/audio/translations",
        kind="audio_transcriptions",
        format=TRANSCRIPTION,
    ),
    Endpoint(
        name="messages",
        path="/v1/messages",
        kind="completions",
        format=MESSAGES,
        provider="anthropic",
    ),
    Endpoint(
        name="messages on Vertex AI",
        path=r"/publishers/anthropic/models/(?!count-tokens)(?P<model>[^/:]+)"
        r":(?:streamR|r)awPredict",
        kind="completions",
        format=MESSAGES,
        provider="google",
    ),
    Endpoint(
        name="messages on Bedrock",
        path=r"/model/(?P<model>[^/]*anthropic[^/]*)/invoke(?:-with-response-stream)?",
        kind="completions",
        format=MESSAGES,
        provider="aws",
    ),
    Endpoint(
        name="content",
        path=rf"/{_GOOGLE_MODEL}:(?:streamG|g)enerateContent",
        kind="completions",
        format=CONTENT,
        provider="google",
    ),
    Endpoint(
        name="content embeddings",
        path=rf"/{_GOOGLE_MODEL}:(?:e|batchE)mbedContents?",
        kind="embeddings",
        format=EMBEDDED,
        provider="google",
    ),
    Endpoint(
        name="predictions",
        path=rf"/publishers/google/{_GOOGLE_MODEL}:predict",
        kind="embeddings",
        format=EMBEDDED,
        provider="google",
    ),
)

_ENDS = tuple((endpoint, re.compile(rf"{endpoint.path}\Z")) for endpoint in ENDPOINTS)


class Recognised(msgspec.Struct, frozen=True):
    """The endpoint of a request, and the model that its path names."""

    endpoint: Endpoint
    model: str | None


def recognise(method: str, path: str) -> Recognised | None:
    """The endpoint of a request; None when it is no model request."""
    for endpoint, pattern in _ENDS:
        if method == endpoint.method and (found := pattern.search(path)):
            return Recognised(endpoint, found.groupdict().get("model"))
    return None
