"""The result type of ``vector_stores``."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageVectorStoresResult(Document):
    """What vector stores held in a bucket, in bytes."""

    object: Literal["organization.usage.vector_stores.result"]
    usage_bytes: int
    project_id: Nullable[str] = None
