"""An answer with an error becomes the exception of its status, with what the server said."""

import inspect
import re
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallybook.client import errors
from tallybook.client.errors import AnswerError, ClientError, class_of, error_of

BODY = (
    b'{"error":{"message":"limit is 99.","type":"invalid_request_error","param":"limit",'
    b'"code":"integer_above_max_value"}}'
)


def test_what_the_server_said_is_in_the_exception() -> None:
    fault = error_of(400, BODY, request_id="req_1", retry_after_seconds=2.0)
    assert type(fault) is errors.BadRequest
    assert str(fault) == fault.message == "limit is 99."
    assert (fault.status, fault.type) == (400, "invalid_request_error")
    assert (fault.param, fault.code) == ("limit", "integer_above_max_value")
    assert (fault.request_id, fault.retry_after_seconds) == ("req_1", 2.0)


@given(status=st.integers(400, 599), body=st.binary(max_size=200))
def test_any_body_of_any_error_is_an_exception_with_a_sentence(status: int, body: bytes) -> None:
    fault = error_of(status, body)
    assert isinstance(fault, AnswerError)
    assert fault.status == status
    assert str(status) in fault.message or b"message" in body


@pytest.mark.parametrize("status", [each for each in HTTPStatus if each >= 400])
def test_every_status_has_the_class_that_the_drawing_gives_it(status: HTTPStatus) -> None:
    drawn = dict(re.findall(r"── (\w+) +(\d{3})$", str(errors.__doc__), re.MULTILINE))
    named = {int(number): name for name, number in drawn.items()}
    expected = "ServerError" if status >= 500 else named.get(status, "AnswerError")
    assert class_of(status).__name__ == expected


def test_the_drawing_shows_every_class_once() -> None:
    classes = {
        name
        for name, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, ClientError)
    }
    drawn = re.findall(r"(?:── |^ {4})([A-Z]\w+)", str(errors.__doc__), re.MULTILINE)
    assert sorted(drawn) == sorted(classes)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"error":' + b"[" * 100_000])
def test_an_error_that_is_nested_too_deep_has_a_sentence_too(body: bytes) -> None:
    assert "502" in error_of(502, body).message
