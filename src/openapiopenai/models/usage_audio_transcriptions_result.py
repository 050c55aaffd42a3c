"""The result type of ``audio_transcriptions``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageAudioTranscriptionsResult(Document):
    """What speech to text heard in a bucket, in whole seconds and requests."""

    object: Literal["organization.usage.audio_transcriptions.result"]
    seconds: int
    num_model_requests: int
    project_id: Nullable[str] = None
    user_id: Nullable[str] = None
    api_key_id: Nullable[str] = None
    model: Nullable[str] = None
