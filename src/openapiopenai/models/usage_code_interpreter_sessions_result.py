"""The result type of ``code_interpreter_sessions``."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from openapiopenai.documents.document import Document
from openapiopenai.documents.fields import Nullable


class UsageCodeInterpreterSessionsResult(Document):
    """How many code interpreter containers were started in a bucket."""

    _newer_names: ClassVar[Mapping[str, str]] = {"num_sessions": "sessions"}

    object: Literal["organization.usage.code_interpreter_sessions.result"]
    sessions: int
    project_id: Nullable[str] = None

    @property
    def num_sessions(self) -> int:
        """The sessions, by the name of later generations."""
        return self.sessions
