"""The result type of ``images``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageImagesResult(Document):
    """What image generation, edits and variations made in a bucket, in images and requests."""

    object: Literal["organization.usage.images.result"]
    images: int
    num_model_requests: int
    source: Nullable[str] = None
    size: Nullable[str] = None
    project_id: Nullable[str] = None
    user_id: Nullable[str] = None
    api_key_id: Nullable[str] = None
    model: Nullable[str] = None
