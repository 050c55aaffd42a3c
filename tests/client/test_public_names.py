"""What an application may import from ``tallybook``: adding a name here is a promise to keep it."""

import inspect

import tallybook
from tallybook import client
from tallybook.client import errors, results

NAMES = [
    "Amount",
    "AnswerError",
    "AsyncClient",
    "AsyncRecorder",
    "AsyncRecordingTransport",
    "AudioSpeechesResult",
    "AudioTranscriptionsResult",
    "BadRequest",
    "Bucket",
    "Client",
    "ClientError",
    "CodeInterpreterSessionsResult",
    "CompletionsResult",
    "Conflict",
    "CostsResult",
    "Counters",
    "DecisionsResult",
    "EmbeddingsResult",
    "Fault",
    "FileSearchCallsResult",
    "Forbidden",
    "ImagesResult",
    "Limits",
    "ModerationsResult",
    "NoAnswer",
    "NotFound",
    "Page",
    "RateLimited",
    "Receipt",
    "Recorder",
    "RecordingTransport",
    "Result",
    "RetryPolicy",
    "ServerError",
    "TimedOut",
    "TooLarge",
    "Unauthorized",
    "UnknownResult",
    "Unprocessable",
    "UnreadableAnswer",
    "VectorStoresResult",
    "WebSearchCallsResult",
    "__version__",
    "attribution",
]


def test_the_public_names_are_these() -> None:
    assert sorted(tallybook.__all__) == sorted(NAMES)
    assert sorted(client.__all__) == sorted(set(NAMES) - {"__version__"})
    assert all(getattr(tallybook, name) is getattr(client, name) for name in client.__all__)


def test_every_error_and_every_result_is_among_them() -> None:
    for module in (errors, results):
        for name, found in inspect.getmembers(module, inspect.isclass):
            own = found.__module__ == module.__name__ and not name.startswith("_")
            assert not own or name in NAMES
