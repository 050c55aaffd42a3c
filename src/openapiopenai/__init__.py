"""The usage part of the generated Python client of OpenAI's API, under its own import path.

Names, module paths, constructors and methods are those of ``openapiopenai`` on
the package registry; both cannot be installed side by side. ``docs/openapiopenai.md``
says what is different.
"""

from openapiopenai.api.usage_api import UsageApi
from openapiopenai.api_client import ApiClient
from openapiopenai.api_response import ApiResponse
from openapiopenai.configuration import Configuration
from openapiopenai.exceptions import (
    ApiAttributeError,
    ApiException,
    ApiKeyError,
    ApiTypeError,
    ApiValueError,
    OpenApiException,
)
from openapiopenai.generation import VERSION as __version__  # noqa: N811 - what packages call it
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
from openapiopenai.models.usage_response import UsageResponse
from openapiopenai.models.usage_time_bucket import UsageTimeBucket
from openapiopenai.models.usage_time_bucket_result_inner import UsageTimeBucketResultInner
from openapiopenai.models.usage_vector_stores_result import UsageVectorStoresResult

__all__ = [
    "ApiAttributeError",
    "ApiClient",
    "ApiException",
    "ApiKeyError",
    "ApiResponse",
    "ApiTypeError",
    "ApiValueError",
    "Configuration",
    "CostsResult",
    "CostsResultAmount",
    "OpenApiException",
    "UsageApi",
    "UsageAudioSpeechesResult",
    "UsageAudioTranscriptionsResult",
    "UsageCodeInterpreterSessionsResult",
    "UsageCompletionsResult",
    "UsageEmbeddingsResult",
    "UsageImagesResult",
    "UsageModerationsResult",
    "UsageResponse",
    "UsageTimeBucket",
    "UsageTimeBucketResultInner",
    "UsageVectorStoresResult",
    "__version__",
]
