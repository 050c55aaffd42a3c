"""A page of buckets."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable
from openapiopenai.models.usage_time_bucket import UsageTimeBucket


class UsageResponse(Document):
    """A page, and the cursor of the next one: empty, or None in later generations, on the last."""

    object: Literal["page"]
    data: list[UsageTimeBucket]
    has_more: bool
    next_page: Nullable[str]
