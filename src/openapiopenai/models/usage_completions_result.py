"""The result type of ``completions``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageCompletionsResult(Document):
    """What text generation used in a bucket, in tokens and requests; cached input is input too."""

    object: Literal["organization.usage.completions.result"]
    input_tokens: int
    input_cached_tokens: int | None = None
    output_tokens: int
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None
    num_model_requests: int
    project_id: Nullable[str] = None
    user_id: Nullable[str] = None
    api_key_id: Nullable[str] = None
    model: Nullable[str] = None
    batch: Nullable[bool] = None
