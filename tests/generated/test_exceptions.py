"""The exceptions have the forms of the generated client."""

import pytest

from openapiopenai import exceptions
from openapiopenai.exceptions import (
    ApiAttributeError,
    ApiException,
    ApiKeyError,
    ApiTypeError,
    ApiValueError,
    NotFoundException,
    OpenApiException,
    render_path,
)
from openapiopenai.rest import RESTResponse


@pytest.mark.parametrize(
    ("class_", "builtin"),
    [
        (ApiTypeError, TypeError),
        (ApiValueError, ValueError),
        (ApiAttributeError, AttributeError),
        (ApiKeyError, KeyError),
    ],
)
def test_a_fault_is_one_of_pythons_and_says_where(
    class_: type[ApiValueError], builtin: type[Exception]
) -> None:
    fault = class_("wrong", ["data", 0, "x"])
    assert isinstance(fault, builtin)
    assert isinstance(fault, OpenApiException)
    assert fault.path_to_item == ["data", 0, "x"]
    assert fault.args == ("wrong at ['data'][0]['x']",)
    assert class_("wrong").args == ("wrong",)


def test_a_type_error_keeps_what_was_allowed() -> None:
    fault = ApiTypeError("wrong", None, (int,), False)
    assert (fault.valid_classes, fault.key_type) == ((int,), False)


def test_a_path_is_shown_as_subscripts() -> None:
    assert render_path(["a", 1, "b"]) == "['a'][1]['b']"


def test_an_exception_takes_what_is_not_given_from_the_answer() -> None:
    answer = RESTResponse(404, {"x": "y"}, b"not \xff here")
    whole = ApiException(http_resp=answer)
    assert (whole.status, whole.reason, whole.body, whole.headers) == (
        404,
        "Not Found",
        "not � here",
        {"x": "y"},
    )
    given = ApiException(1, "because", answer, body="text", data=[5])
    assert (given.status, given.reason, given.body, given.data) == (1, "because", "text", [5])
    assert str(given) == (
        "(1)\nReason: because\nHTTP response headers: {'x': 'y'}\nHTTP response body: text\n"
        "HTTP response data: [5]\n"
    )
    assert str(ApiException(0, "no answer")) == "(0)\nReason: no answer\n"


def test_the_class_follows_the_status() -> None:
    answer = RESTResponse(404, {}, b"")
    with pytest.raises(NotFoundException) as caught:
        ApiException.from_response(http_resp=answer, body="b", data=None)
    assert caught.value.body == "b"


def test_every_class_is_drawn_in_the_tree() -> None:
    assert exceptions.__doc__ is not None
    classes = [
        each
        for each in vars(exceptions).values()
        if isinstance(each, type) and issubclass(each, OpenApiException)
    ]
    assert len(classes) == 13
    assert all(each.__name__ in exceptions.__doc__ for each in classes)
