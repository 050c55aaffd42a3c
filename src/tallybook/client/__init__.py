"""The caller's side: asking a ledger, recording events, watching the calls of provider SDKs."""

from tallybook.client.async_client import AsyncClient
from tallybook.client.client import Client
from tallybook.client.errors import (
    AnswerError,
    BadRequest,
    ClientError,
    Conflict,
    Forbidden,
    NoAnswer,
    NotFound,
    RateLimited,
    ServerError,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unprocessable,
    UnreadableAnswer,
)
from tallybook.client.pages import Bucket, Page
from tallybook.client.recording.async_recorder import AsyncRecorder
from tallybook.client.recording.attribution import attribution
from tallybook.client.recording.counters import Counters
from tallybook.client.recording.limits import Limits
from tallybook.client.recording.recorder import Recorder
from tallybook.client.results import (
    Amount,
    AudioSpeechesResult,
    AudioTranscriptionsResult,
    CodeInterpreterSessionsResult,
    CompletionsResult,
    CostsResult,
    DecisionsResult,
    EmbeddingsResult,
    FileSearchCallsResult,
    ImagesResult,
    ModerationsResult,
    Result,
    UnknownResult,
    VectorStoresResult,
    WebSearchCallsResult,
)
from tallybook.client.retrying import RetryPolicy
from tallybook.client.transports.transport import AsyncRecordingTransport, RecordingTransport
from tallybook.domain.receipts import Fault, Receipt

__all__ = [
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
    "attribution",
]
