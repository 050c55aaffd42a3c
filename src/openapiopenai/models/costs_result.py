"""The result type of costs."""

from typing import Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable
from openapiopenai.models.costs_result_amount import CostsResultAmount


class CostsResult(Document):
    """What was spent in a bucket."""

    object: Literal["organization.costs.result"]
    amount: CostsResultAmount | None = None
    line_item: Nullable[str] = None
    project_id: Nullable[str] = None
