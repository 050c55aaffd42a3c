"""Both dialects of the wire are read; what later generations added is kept and written back."""

import json
from typing import Any

import pytest

from contract.contract import sample
from generated.rows import NAMES, legacy
from openapiopenai.exceptions import ApiValueError
from openapiopenai.models.usage_code_interpreter_sessions_result import (
    UsageCodeInterpreterSessionsResult,
)
from openapiopenai.models.usage_completions_result import UsageCompletionsResult
from openapiopenai.models.usage_response import UsageResponse
from openapiopenai.models.usage_time_bucket import UsageTimeBucket

SESSIONS: dict[str, Any] = {"object": "organization.usage.code_interpreter_sessions.result"}
BUCKET: dict[str, Any] = {"object": "bucket", "start_time": 0, "end_time": 60}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reads_the_same_in_either_dialect(name: str) -> None:
    current = sample(name)[1]
    old = legacy(current)
    assert old != current
    read = UsageResponse.from_json(json.dumps(old))
    assert [bucket.result for bucket in read.data] == [
        bucket.result for bucket in UsageResponse.from_json(json.dumps(current)).data
    ]
    assert all(bucket.results is bucket.result for bucket in read.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_legacy_dialect_is_written_as_it_came(name: str) -> None:
    old = legacy(sample(name)[1])
    assert UsageResponse.from_dict(old).to_dict() == old
    assert json.loads(UsageResponse.from_json(json.dumps(old)).to_json()) == old


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_the_current_dialect_is_written_with_the_old_names_beside_the_new(
    name: str,
) -> None:
    current = sample(name)[1]
    written = UsageResponse.from_dict(current).to_dict()
    assert written == legacy(current) | {"next_page": current["next_page"]}


def test_the_last_page_has_no_cursor_in_either_form() -> None:
    page = {"object": "page", "data": [], "has_more": False}
    for cursor in ("", None):
        read = UsageResponse.from_dict(page | {"next_page": cursor})
        assert read.next_page == cursor
        assert not read.next_page
        assert read.to_dict() == page | {"next_page": cursor}
    with pytest.raises(ApiValueError, match="UsageResponse: next_page is missing, but must be a"):
        UsageResponse.from_dict(page)


def test_sessions_are_read_by_either_name_and_written_by_the_names_that_came() -> None:
    old = UsageCodeInterpreterSessionsResult.from_dict(SESSIONS | {"sessions": 4})
    new = UsageCodeInterpreterSessionsResult.from_dict(SESSIONS | {"num_sessions": 4})
    assert (old.sessions, old.num_sessions) == (new.sessions, new.num_sessions) == (4, 4)
    assert old == new
    own = SESSIONS | {"sessions": 4, "project_id": None}
    assert old.to_dict() == own
    assert new.to_dict() == own | {"num_sessions": 4}
    new.num_sessions = 9  # type: ignore[misc]
    assert new.to_dict() == own | {"sessions": 9, "num_sessions": 9}


def test_a_bucket_without_rows_by_any_name_is_refused() -> None:
    with pytest.raises(ApiValueError, match="UsageTimeBucket: result is missing, but must be a li"):
        UsageTimeBucket.from_dict(BUCKET)
    with pytest.raises(ApiValueError, match="UsageTimeBucket: result is null, but must be a list"):
        UsageTimeBucket.from_dict(BUCKET | {"results": None})
    with pytest.raises(ApiValueError, match="results and result differ, but must be the same"):
        UsageTimeBucket.from_dict(BUCKET | {"results": [], "result": [SESSIONS | {"sessions": 1}]})
    assert UsageTimeBucket.from_dict(BUCKET | {"results": []}).result == []


def test_fields_of_later_generations_are_kept_and_can_be_changed() -> None:
    row = {
        "object": "organization.usage.completions.result",
        "input_tokens": 1,
        "output_tokens": 2,
        "num_model_requests": 3,
        "service_tier": "flex",
        "input_image_tokens": 0,
        # A name of ours is one like any other.
        "additional_properties": {"a": [0.5]},
    }
    read = UsageCompletionsResult.from_json(json.dumps(row))
    assert read.additional_properties == {
        "service_tier": "flex",
        "input_image_tokens": 0,
        "additional_properties": {"a": [0.5]},
    }
    written = read.to_dict()
    assert {key: written[key] for key in row} == row
    read.additional_properties["service_tier"] = "default"
    del read.additional_properties["input_image_tokens"]
    assert read.to_dict() == {
        key: value for key, value in written.items() if key != "input_image_tokens"
    } | {"service_tier": "default"}
