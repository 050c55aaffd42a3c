"""The result type of ``moderations``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageModerationsResult(Document):
    """What moderation calls used in a bucket, in tokens and requests."""

    object: Literal["organization.usage.moderations.result"]
    input_tokens: int
    num_model_requests: int
    project_id: Nullable[str] = None
    user_id: Nullable[str] = None
    api_key_id: Nullable[str] = None
    model: Nullable[str] = None
