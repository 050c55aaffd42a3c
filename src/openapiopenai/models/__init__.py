"""The models of usage and costs, each from the module that the generated package has it in."""

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
    "CostsResult",
    "CostsResultAmount",
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
]
