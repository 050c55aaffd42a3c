"""A row of a bucket: one of the nine result types, chosen by its ``object``."""

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar, overload

from openapiopenai.documents.notation import decoded
from openapiopenai.documents.rules import MISSING, Path, Refused, object_words
from openapiopenai.exceptions import ApiValueError
from openapiopenai.models.costs_result import CostsResult
from openapiopenai.models.costs_result_amount import CostsResultAmount
from openapiopenai.models.usage_audio_speeches_result import UsageAudioSpeechesResult
from openapiopenai.models.usage_audio_transcriptions_result import UsageAudioTranscriptionsResult
from openapiopenai.models.usage_code_interpreter_sessions_result import (
    UsageCodeInterpreterSessionsResult,
)
from openapiopenai.models.usage_completions_result import UsageCompletionsResult
from openapiopenai.models.usage_embeddings_result import UsageEmbeddingsResult
from openapiopenai.models.usage_images_result import UsageImagesResult
from openapiopenai.models.usage_moderations_result import UsageModerationsResult
from openapiopenai.models.usage_vector_stores_result import UsageVectorStoresResult

Result: TypeAlias = (
    CostsResult
    | UsageAudioSpeechesResult
    | UsageAudioTranscriptionsResult
    | UsageCodeInterpreterSessionsResult
    | UsageCompletionsResult
    | UsageEmbeddingsResult
    | UsageImagesResult
    | UsageModerationsResult
    | UsageVectorStoresResult
)

_CLASSES: dict[str, type[Result]] = {cls.constant("object"): cls for cls in Result.__args__}

USAGETIMEBUCKETRESULTINNER_ONE_OF_SCHEMAS = [cls.__name__ for cls in _CLASSES.values()]

# What the object of a row must be, for messages.
_RULE = "organization.costs.result, or organization.usage.KIND.result with a KIND of " + ", ".join(
    name.split(".")[2] for name in _CLASSES if name.startswith("organization.usage.")
)

T = TypeVar("T")


class _Of(Generic[T]):
    """A property of the row's own result; None where its type has no such property."""

    def __init__(self, doc: str) -> None:
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: "UsageTimeBucketResultInner", owner: type) -> T | None: ...
    def __get__(self, row: "UsageTimeBucketResultInner | None", owner: type) -> Self | T | None:
        if row is None:
            return self
        found: T | None = getattr(row.actual_instance, self._name, None)
        return found


class UsageTimeBucketResultInner:
    """A result of any of the nine types, with the properties of all of them.

    ``actual_instance`` is the result itself; the properties are read from it, and
    those of other types are None. They are set there, and not here.

    Raises ApiValueError, which is a ValueError, for what is none of the nine.
    """

    __slots__ = ("_actual_instance",)

    _actual_instance: Result | None

    one_of_schemas: ClassVar[frozenset[str]] = frozenset(USAGETIMEBUCKETRESULTINNER_ONE_OF_SCHEMAS)

    object = _Of[str]("which type of result it is")
    input_tokens = _Of[int]("input tokens, cached ones included")
    input_cached_tokens = _Of[int]("input tokens that came from a cache")
    output_tokens = _Of[int]("output tokens")
    input_audio_tokens = _Of[int]("audio input tokens")
    output_audio_tokens = _Of[int]("audio output tokens")
    num_model_requests = _Of[int]("requests to a model")
    project_id = _Of[str]("the project, when grouped by it")
    user_id = _Of[str]("the user, when grouped by it")
    api_key_id = _Of[str]("the API key, when grouped by it")
    model = _Of[str]("the model, when grouped by it")
    batch = _Of[bool]("whether it was batch, when grouped by it")
    images = _Of[int]("images")
    source = _Of[str]("what made the images, when grouped by it")
    size = _Of[str]("the size of the images, when grouped by it")
    characters = _Of[int]("characters that were read aloud")
    seconds = _Of[int]("seconds that were transcribed")
    usage_bytes = _Of[int]("bytes that were stored")
    sessions = _Of[int]("code interpreter sessions")
    amount = _Of[CostsResultAmount]("the money that was spent")
    line_item = _Of[str]("what it was spent on, when grouped by it")

    def __init__(self, actual_instance: Result | Mapping[str, Any] | None = None) -> None:
        self.actual_instance = actual_instance

    @classmethod
    def from_json(cls, json_str: str | bytes | bytearray) -> Self:
        """The row that a JSON text holds. Raises ApiValueError."""
        return cls._from(decoded(json_str, cls.__name__))

    @classmethod
    def from_dict(cls, obj: Mapping[str, Any]) -> Self:
        """The row for a dictionary, as JSON would hold it. Raises ApiValueError."""
        return cls._from(obj)

    @classmethod
    def read(cls, value: Any, path: Path) -> Self:
        """The row for what stands at ``path`` of a larger document.

        Raises Refused for what is none of the nine by its ``object``, ApiValueError
        for one of them that is not as its type declares.
        """
        if isinstance(value, cls):
            return value
        if isinstance(value, Result):
            return cls(value)
        if not isinstance(value, Mapping):
            raise Refused(path, value, object_words(cls))
        name = value.get("object", MISSING)
        chosen = _CLASSES.get(name) if isinstance(name, str) else None
        if chosen is None:
            raise Refused((*path, "object"), name, _RULE)
        return cls(chosen.read(value, path))

    @property
    def actual_instance(self) -> Result | None:
        """The result itself; None only in a row that was made of nothing."""
        return self._actual_instance

    @actual_instance.setter
    def actual_instance(self, value: Result | Mapping[str, Any] | None) -> None:
        """Take another result. Raises ApiValueError for what is none."""
        if value is not None and not isinstance(value, Result):
            value = self._from(value).actual_instance
        self._actual_instance = value

    def to_dict(self) -> dict[str, Any] | None:
        """The result as a dictionary."""
        return None if self.actual_instance is None else self.actual_instance.to_dict()

    def to_json(self) -> str:
        """The result as JSON, numbers with every digit that they were read with."""
        return "null" if self.actual_instance is None else self.actual_instance.to_json()

    def to_str(self) -> str:
        """The result for people to read, with what is None."""
        return "None" if self.actual_instance is None else self.actual_instance.to_str()

    def properties(self) -> dict[str, Any] | None:
        """Every property of the result, None included, and the additional ones."""
        return None if self.actual_instance is None else self.actual_instance.properties()

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, UsageTimeBucketResultInner):
            return NotImplemented
        return self.actual_instance == other.actual_instance

    # It can be changed, so it is no key of a dictionary.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(actual_instance={self.actual_instance!r})"

    @classmethod
    def _from(cls, value: Any) -> Self:
        try:
            return cls.read(value, ())
        except Refused as refused:
            raise ApiValueError(f"{cls.__name__}: {refused.sentence(())}") from None
