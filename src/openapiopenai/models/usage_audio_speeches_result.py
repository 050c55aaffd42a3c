"""The result type of ``audio_speeches``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageAudioSpeechesResult(Document):
    """What text to speech read in a bucket, in characters and requests."""

    object: Literal["organization.usage.audio_speeches.result"]
    characters: int
    num_model_requests: int
    project_id: Nullable[str] = None
    user_id: Nullable[str] = None
    api_key_id: Nullable[str] = None
    model: Nullable[str] = None
