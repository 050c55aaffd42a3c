"""Uses of the generated client's names as a type checker sees them; the wrong ones say so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, assert_type

from openapiopenai import ApiClient, ApiResponse, Configuration, UsageApi
from openapiopenai.models.costs_result import CostsResult
from openapiopenai.models.costs_result_amount import CostsResultAmount
from openapiopenai.models.usage_completions_result import UsageCompletionsResult
from openapiopenai.models.usage_embeddings_result import UsageEmbeddingsResult
from openapiopenai.models.usage_response import UsageResponse
from openapiopenai.models.usage_time_bucket import UsageTimeBucket
from openapiopenai.models.usage_time_bucket_result_inner import UsageTimeBucketResultInner
from openapiopenai.rest import RESTResponse

OBJECT: Final = "organization.usage.completions.result"


def properties(row: UsageTimeBucketResultInner) -> None:
    assert_type(row.object, str | None)
    assert_type(row.input_tokens, int | None)
    assert_type(row.model, str | None)
    assert_type(row.batch, bool | None)
    assert_type(row.amount, CostsResultAmount | None)
    assert_type(row.to_json(), str)
    assert_type(row.to_dict(), dict[str, Any] | None)
    assert_type(UsageTimeBucketResultInner.from_json("{}"), UsageTimeBucketResultInner)
    _ = row.inptu_tokens  # WRONG
    _ = row.input_tokens + 1  # WRONG
    row.model = "gpt"  # WRONG


def results(row: UsageTimeBucketResultInner) -> None:
    result = row.actual_instance
    if isinstance(result, UsageCompletionsResult):
        assert_type(result.input_tokens, int)
        assert_type(result.input_cached_tokens, int | None)
        assert_type(result.batch, bool | None)
        assert_type(result.additional_properties, dict[str, Any])
        _ = result.images  # WRONG
        result.input_tokens = 5
        result.input_tokens = "5"  # WRONG
        result.inptu_tokens = 5  # WRONG
    if isinstance(result, CostsResult) and result.amount:
        assert_type(result.amount.value, float | None)
        assert_type(result.amount.exact, Decimal | None)


def constructors() -> None:
    made = UsageCompletionsResult(
        object=OBJECT, input_tokens=1, output_tokens=2, num_model_requests=3, model="gpt"
    )
    UsageTimeBucketResultInner(made)
    UsageTimeBucketResultInner(actual_instance=made)
    UsageTimeBucketResultInner("text")  # WRONG
    UsageCompletionsResult(object=OBJECT, input_tokens=1, output_tokens=2)  # WRONG
    UsageEmbeddingsResult(object=OBJECT, input_tokens=1, num_model_requests=2)  # WRONG
    CostsResultAmount(value="0.06")  # WRONG
    Configuration(host="http://127.0.0.1:8321/v1", access_token="key", retries=2)
    Configuration(acess_token="key")  # WRONG


def operations(api: UsageApi, auth: Mapping[str, Any]) -> None:
    page = api.usage_completions(5, end_time=6, models=["gpt"], batch=True, _request_timeout=(1, 2))
    assert_type(page, UsageResponse)
    assert_type(page.data, list[UsageTimeBucket])
    assert_type(page.data[0].result[0], UsageTimeBucketResultInner)
    assert_type(page.next_page, str | None)
    assert_type(
        api.usage_costs_with_http_info(start_time=5, _request_auth=auth),
        ApiResponse[UsageResponse],
    )
    assert_type(api.usage_images_without_preload_content(5, sizes=["1024x1024"]), RESTResponse)
    api.usage_completions()  # WRONG
    api.usage_completions("5")  # WRONG
    api.usage_costs(5, models=["gpt"])  # WRONG
    api.usage_images(5, models="gpt")  # WRONG


def client() -> None:
    with ApiClient(Configuration()) as opened:
        assert_type(UsageApi(opened), UsageApi)
        opened.set_default_header("X-Name", 5)  # WRONG
