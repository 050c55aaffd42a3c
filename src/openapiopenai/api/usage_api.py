"""The operations of usage and costs."""

from openapiopenai.api.operations import Operation, as_it_came, described, page
from openapiopenai.api.parameters import of_completions, of_images, of_people, of_projects
from openapiopenai.api_client import ApiClient

_USAGE = "/organization/usage"
_SPEECHES = f"{_USAGE}/audio_speeches"
_TRANSCRIPTIONS = f"{_USAGE}/audio_transcriptions"
_SESSIONS = f"{_USAGE}/code_interpreter_sessions"
_COMPLETIONS = f"{_USAGE}/completions"
_EMBEDDINGS = f"{_USAGE}/embeddings"
_IMAGES = f"{_USAGE}/images"
_MODERATIONS = f"{_USAGE}/moderations"
_STORES = f"{_USAGE}/vector_stores"
_COSTS = "/organization/costs"


class UsageApi:
    """Nine endpoints, each in three forms.

    The plain method gives the page; ``…_with_http_info`` gives it with status,
    headers and body; ``…_without_preload_content`` gives the answer as it came.
    The parameters are those of the signature that stands with each; see
    ``openapiopenai.api.parameters``.
    """

    def __init__(self, api_client: ApiClient | None = None) -> None:
        self.api_client = api_client or ApiClient.get_default()

    usage_audio_speeches = Operation(_SPEECHES, of_people, page)
    usage_audio_speeches_with_http_info = Operation(_SPEECHES, of_people, described)
    usage_audio_speeches_without_preload_content = Operation(_SPEECHES, of_people, as_it_came)

    usage_audio_transcriptions = Operation(_TRANSCRIPTIONS, of_people, page)
    usage_audio_transcriptions_with_http_info = Operation(_TRANSCRIPTIONS, of_people, described)
    usage_audio_transcriptions_without_preload_content = Operation(
        _TRANSCRIPTIONS, of_people, as_it_came
    )

    usage_code_interpreter_sessions = Operation(_SESSIONS, of_projects, page)
    usage_code_interpreter_sessions_with_http_info = Operation(_SESSIONS, of_projects, described)
    usage_code_interpreter_sessions_without_preload_content = Operation(
        _SESSIONS, of_projects, as_it_came
    )

    usage_completions = Operation(_COMPLETIONS, of_completions, page)
    usage_completions_with_http_info = Operation(_COMPLETIONS, of_completions, described)
    usage_completions_without_preload_content = Operation(_COMPLETIONS, of_completions, as_it_came)

    usage_costs = Operation(_COSTS, of_projects, page)
    usage_costs_with_http_info = Operation(_COSTS, of_projects, described)
    usage_costs_without_preload_content = Operation(_COSTS, of_projects, as_it_came)

    usage_embeddings = Operation(_EMBEDDINGS, of_people, page)
    usage_embeddings_with_http_info = Operation(_EMBEDDINGS, of_people, described)
    usage_embeddings_without_preload_content = Operation(_EMBEDDINGS, of_people, as_it_came)

    usage_images = Operation(_IMAGES, of_images, page)
    usage_images_with_http_info = Operation(_IMAGES, of_images, described)
    usage_images_without_preload_content = Operation(_IMAGES, of_images, as_it_came)

    usage_moderations = Operation(_MODERATIONS, of_people, page)
    usage_moderations_with_http_info = Operation(_MODERATIONS, of_people, described)
    usage_moderations_without_preload_content = Operation(_MODERATIONS, of_people, as_it_came)

    usage_vector_stores = Operation(_STORES, of_projects, page)
    usage_vector_stores_with_http_info = Operation(_STORES, of_projects, described)
    usage_vector_stores_without_preload_content = Operation(_STORES, of_projects, as_it_came)
