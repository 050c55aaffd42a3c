"""The models read, hold and write what their class declares, and nothing else passes."""

import copy
import importlib
import json
import pickle
from typing import Any

import pytest

import openapiopenai
from contract.contract import fields
from generated.rows import CLASSES, NAMES, old_row, sample_rows
from openapiopenai import models
from openapiopenai.exceptions import ApiAttributeError, ApiValueError, OpenApiException
from openapiopenai.models.costs_result import CostsResult
from openapiopenai.models.costs_result_amount import CostsResultAmount
from openapiopenai.models.usage_code_interpreter_sessions_result import (
    UsageCodeInterpreterSessionsResult,
)
from openapiopenai.models.usage_completions_result import UsageCompletionsResult
from openapiopenai.models.usage_embeddings_result import UsageEmbeddingsResult
from openapiopenai.models.usage_time_bucket_result_inner import (
    USAGETIMEBUCKETRESULTINNER_ONE_OF_SCHEMAS,
    UsageTimeBucketResultInner,
)

COMPLETIONS: dict[str, Any] = {
    "object": "organization.usage.completions.result",
    "input_tokens": 62_400,
    "output_tokens": 9_350,
    "num_model_requests": 37,
    "model": "gpt-5.5-2026-04-23",
    "batch": False,
}

# The properties of design's table, each with its type in Python.
PROPERTIES: dict[str, type] = {
    "object": str,
    "input_tokens": int,
    "input_cached_tokens": int,
    "output_tokens": int,
    "input_audio_tokens": int,
    "output_audio_tokens": int,
    "num_model_requests": int,
    "project_id": str,
    "user_id": str,
    "api_key_id": str,
    "model": str,
    "batch": bool,
    "images": int,
    "source": str,
    "size": str,
    "characters": int,
    "seconds": int,
    "usage_bytes": int,
    "sessions": int,
    "amount": CostsResultAmount,
    "line_item": str,
}


def refusal(text: str) -> str:
    with pytest.raises(ApiValueError) as caught:
        UsageTimeBucketResultInner.from_json(text)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, OpenApiException)
    return str(caught.value)


def changed(**changes: Any) -> str:
    return json.dumps(COMPLETIONS | changes)


def test_the_starting_documents_example_runs() -> None:
    row = UsageTimeBucketResultInner.from_json(json.dumps(COMPLETIONS))
    as_dict = row.to_dict()
    assert as_dict is not None
    again = UsageTimeBucketResultInner.from_dict(as_dict)
    assert again == row
    assert again is not row
    assert UsageTimeBucketResultInner.from_json(row.to_json()) == row
    assert (row.input_tokens, row.model, row.batch) == (62_400, "gpt-5.5-2026-04-23", False)


@pytest.mark.parametrize("name", NAMES)
def test_the_object_of_a_sample_chooses_its_class(name: str) -> None:
    for sample in sample_rows(name):
        row = UsageTimeBucketResultInner.from_json(json.dumps(old_row(sample)))
        assert type(row.actual_instance).__name__ == CLASSES[name]
        assert row.actual_instance == getattr(models, CLASSES[name]).from_dict(sample)
        assert row.object == sample["object"]


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_there_with_its_type_and_those_of_other_kinds_are_none(
    name: str,
) -> None:
    for sample in map(old_row, sample_rows(name)):
        row = UsageTimeBucketResultInner.from_dict(sample)
        for property_, type_ in PROPERTIES.items():
            value = getattr(row, property_)
            if sample.get(property_) is None:
                assert value is None
            else:
                assert type(value) is type_
                assert property_ == "amount" or value == sample[property_]


def test_the_table_has_every_field_of_the_legacy_generation() -> None:
    old = {
        field
        for name in NAMES
        for field, entry in fields(name).items()
        if entry["since"] == "2.3.0"
    }
    assert old | {"sessions"} == set(PROPERTIES)


def test_a_row_takes_its_result_by_position_or_by_name_or_as_a_dictionary() -> None:
    result = UsageCompletionsResult(**COMPLETIONS)
    rows = [
        UsageTimeBucketResultInner(result),
        UsageTimeBucketResultInner(actual_instance=result),
        UsageTimeBucketResultInner(COMPLETIONS),
        UsageTimeBucketResultInner.from_dict(COMPLETIONS),
    ]
    assert all(row == rows[0] for row in rows)
    assert rows[0].actual_instance is result


def test_a_row_of_nothing_is_written_as_null() -> None:
    row = UsageTimeBucketResultInner()
    assert (row.actual_instance, row.object, row.amount) == (None, None, None)
    assert (row.to_json(), row.to_dict(), row.to_str()) == ("null", None, "None")
    row.actual_instance = CostsResult(object="organization.costs.result")
    assert row.object == "organization.costs.result"


def test_a_row_is_of_one_of_nine_types() -> None:
    assert set(USAGETIMEBUCKETRESULTINNER_ONE_OF_SCHEMAS) == set(CLASSES.values())
    assert UsageTimeBucketResultInner.one_of_schemas == set(CLASSES.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "UsageTimeBucketResultInner: object is missing, but must be organization.costs."),
        ("", "UsageTimeBucketResultInner: '' is given, but must be a JSON object"),
        ("{'a': 1}", "is given, but must be a JSON object: JSON is malformed"),
        ("NaN", "'NaN' is given, but must be a JSON object"),
        ("[" * 100_000, "is given, but must be a JSON object: maximum recursion depth"),
        ('{"a": 1e99999999999999999999}', "is given, but must be a JSON object"),
        ("null", "UsageTimeBucketResultInner: what was given is null, but must be an object"),
        ("[]", "what was given is [], but must be an object (UsageTimeBucketResultInner)"),
        ('"x"', 'what was given is "x", but must be an object'),
        ('{"object": 7}', "object is 7, but must be organization.costs.result, or"),
        (
            '{"object": "organization.usage.decisions.result"}',
            'object is "organization.usage.decisions.result", but must be',
        ),
        (changed(input_tokens=1.0), "Result: input_tokens is 1.0, but must be an integer"),
        (changed(input_tokens="1"), 'input_tokens is "1", but must be an integer'),
        (changed(input_tokens=True), "input_tokens is true, but must be an integer"),
        (changed(input_tokens=None), "input_tokens is null, but must be an integer"),
        (changed(input_cached_tokens="0"), 'input_cached_tokens is "0", but must be an int'),
        (changed(batch=0), "batch is 0, but must be true or false"),
        (changed(batch="true"), 'batch is "true", but must be true or false'),
        (changed(model=5), "UsageCompletionsResult: model is 5, but must be a string"),
        (changed(model=["a"]), 'model is ["a"], but must be a string'),
        (
            '{"object": "organization.costs.result", "amount": 3}',
            "CostsResult: amount is 3, but must be an object (CostsResultAmount)",
        ),
        (
            '{"object": "organization.costs.result", "amount": {"value": "0.06"}}',
            "CostsResultAmount: value is \"0.06\", but must be a finite number at ['amount']",
        ),
        (
            '{"object": "organization.costs.result", "amount": {"value": true}}',
            "value is true, but must be a finite number",
        ),
        (
            '{"object": "organization.costs.result", "amount": {"value": 1e400}}',
            "but must be a finite number",
        ),
    ],
)
def test_an_error_names_the_class_the_field_the_value_and_the_rule(text: str, words: str) -> None:
    message = refusal(text)
    assert words in message
    # One alternative, and it fits on a screen.
    assert len(message) < 400


def test_a_missing_field_is_named_and_so_is_every_other_fault() -> None:
    for field in ("input_tokens", "output_tokens", "num_model_requests"):
        row = {key: value for key, value in COMPLETIONS.items() if key != field}
        assert refusal(json.dumps(row)) == (
            f"UsageCompletionsResult: {field} is missing, but must be an integer"
        )
    assert refusal(json.dumps({"object": COMPLETIONS["object"], "batch": 1})) == (
        "UsageCompletionsResult: input_tokens is missing, but must be an integer; output_tokens is"
        " missing, but must be an integer; num_model_requests is missing, but must be an integer;"
        " batch is 1, but must be true or false"
    )


def test_a_fault_deep_in_a_page_says_where() -> None:
    bucket = {"object": "bucket", "start_time": 1, "end_time": 2, "result": [COMPLETIONS]}
    wrong = COMPLETIONS | {"input_tokens": "many"}
    page = {
        "object": "page",
        "data": [bucket, bucket | {"result": [COMPLETIONS, wrong]}],
        "has_more": False,
        "next_page": "",
    }
    with pytest.raises(ApiValueError) as caught:
        models.UsageResponse.from_dict(page)
    assert str(caught.value) == (
        'UsageCompletionsResult: input_tokens is "many", but must be an integer'
        " at ['data'][1]['result'][1]"
    )
    assert caught.value.path_to_item == ["data", 1, "result", 1]


def test_a_long_value_is_cut_in_the_message() -> None:
    message = refusal(changed(input_tokens="x" * 5_000))
    assert len(message) < 200
    assert "…, but must be an integer" in message


def test_a_constructor_checks_as_reading_does() -> None:
    wrong: dict[str, Any] = COMPLETIONS | {"input_tokens": 1.5}
    with pytest.raises(ApiValueError, match=r"input_tokens is 1\.5, but must be an integer"):
        UsageCompletionsResult(**wrong)
    nothing: dict[str, Any] = {}
    with pytest.raises(ApiValueError, match=r"object is missing, but must be \"organization"):
        UsageCompletionsResult(**nothing)
    with pytest.raises(ApiValueError, match=r"object is .*, but must be"):
        UsageEmbeddingsResult(**COMPLETIONS)


def test_an_attribute_can_be_set_to_what_it_may_be() -> None:
    result = UsageCompletionsResult(**COMPLETIONS)
    result.input_tokens = 7
    result.user_id = None
    assert result.to_dict() == COMPLETIONS | {"input_tokens": 7, "user_id": None}
    wrong: Any = "7"
    with pytest.raises(ApiValueError, match='UsageCompletionsResult: input_tokens is "7"'):
        result.input_tokens = wrong
    with pytest.raises(ApiValueError, match="output_tokens is null, but must be an integer"):
        result.output_tokens = None  # type: ignore[assignment]
    with pytest.raises(ApiAttributeError, match="no property inptu_tokens: set it in additional"):
        result.inptu_tokens = 7  # type: ignore[attr-defined]
    assert result.input_tokens == 7


def test_a_rows_properties_are_read_and_its_result_is_what_changes() -> None:
    row = UsageTimeBucketResultInner.from_dict(COMPLETIONS)
    with pytest.raises(AttributeError, match="input_tokens"):
        row.input_tokens = 5  # type: ignore[misc]
    assert isinstance(row.actual_instance, UsageCompletionsResult)
    row.actual_instance.input_tokens = 5
    assert row.input_tokens == 5
    wrong: Any = 3
    with pytest.raises(ApiValueError, match="what was given is 3, but must be an object"):
        row.actual_instance = wrong
    assert row.input_tokens == 5


def test_nulls_are_written_where_they_were_given() -> None:
    made = UsageCompletionsResult(**COMPLETIONS)
    assert made.to_dict() == COMPLETIONS
    read = UsageCompletionsResult.from_dict(COMPLETIONS)
    assert read.to_dict() == COMPLETIONS | dict.fromkeys(("project_id", "user_id", "api_key_id"))
    assert made == read


def test_what_is_not_equal_is_not_equal() -> None:
    result = UsageCompletionsResult(**COMPLETIONS)
    other = UsageCompletionsResult(**COMPLETIONS | {"output_tokens": 1})
    more = UsageCompletionsResult(**COMPLETIONS | {"service_tier": "flex"})
    row = UsageTimeBucketResultInner(result)
    for different in (other, more, COMPLETIONS, None):
        assert result != different
        assert row != different
    assert row != UsageTimeBucketResultInner(other)
    for changeable in (result, row):
        with pytest.raises(TypeError, match="unhashable"):
            hash(changeable)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_can_be_copied_and_pickled(name: str) -> None:
    row = UsageTimeBucketResultInner.from_json(json.dumps(sample_rows(name)[0]))
    for twin in (copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))):  # noqa: S301
        assert twin == row
        assert twin.to_json() == row.to_json()


def test_a_row_shows_its_result_to_people() -> None:
    row = UsageTimeBucketResultInner.from_json(
        '{"object": "organization.costs.result", "amount": {"value": 0.06}, "api_key_id": "k"}'
    )
    assert repr(row) == (
        "UsageTimeBucketResultInner(actual_instance=CostsResult(object='organization.costs.result',"
        " amount=CostsResultAmount(value=0.06, currency=None), line_item=None, project_id=None,"
        " api_key_id='k'))"
    )
    assert row.to_str() == (
        "{'amount': {'currency': None, 'value': 0.06},\n 'api_key_id': 'k',\n 'line_item': None,\n"
        " 'object': 'organization.costs.result',\n 'project_id': None}"
    )


def test_json_is_spaced_as_the_generated_client_spaces_it() -> None:
    text = UsageTimeBucketResultInner.from_dict(COMPLETIONS).to_json()
    assert text == json.dumps(json.loads(text))


def test_names_are_handed_on_by_the_packages_that_the_generated_client_hands_them_on_from() -> None:
    for package in (openapiopenai, models, importlib.import_module("openapiopenai.api")):
        assert sorted(package.__all__) == package.__all__
        for name in package.__all__:
            assert getattr(package, name) is not None
    assert {*models.__all__} == {
        *CLASSES.values(),
        "CostsResultAmount",
        "UsageResponse",
        "UsageTimeBucket",
        "UsageTimeBucketResultInner",
    }
    assert {*models.__all__} < {*openapiopenai.__all__}


def test_a_property_with_more_than_one_value_is_no_constant() -> None:
    assert UsageCompletionsResult.constant("object") == COMPLETIONS["object"]
    with pytest.raises(TypeError, match=r"UsageCompletionsResult\.model is no constant"):
        UsageCompletionsResult.constant("model")


def test_two_names_of_one_value_must_agree() -> None:
    row: dict[str, Any] = {
        "object": "organization.usage.code_interpreter_sessions.result",
        "sessions": 1,
        "num_sessions": 2,
    }
    with pytest.raises(ApiValueError, match="num_sessions and sessions differ"):
        UsageCodeInterpreterSessionsResult.from_dict(row)
