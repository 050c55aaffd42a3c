"""A bucket of time and its results."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from openapiopenai.documents.document import Document
from openapiopenai.models.usage_time_bucket_result_inner import UsageTimeBucketResultInner


class UsageTimeBucket(Document):
    """The results of ``[start_time, end_time)``, in Unix seconds."""

    _newer_names: ClassVar[Mapping[str, str]] = {"results": "result"}

    object: Literal["bucket"]
    start_time: int
    end_time: int
    result: list[UsageTimeBucketResultInner]

    @property
    def results(self) -> list[UsageTimeBucketResultInner]:
        """The results, by the name of later generations."""
        return self.result
