"""The exception tree and its drawing, and its way to the wire."""

import inspect
import re
from http import HTTPStatus

import pytest

from tallybook.domain import errors
from tallybook.domain.errors import TallybookError
from tallybook.web.envelope import error_response

TREE = [
    cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, TallybookError)
]


@pytest.mark.parametrize("cls", TREE, ids=lambda cls: cls.__name__)
def test_every_error_has_its_place_on_the_wire(cls: type[TallybookError]) -> None:
    answer = error_response(cls("what happened", param="start_time"))
    assert answer.status_code == cls.status
    assert answer.status_code >= HTTPStatus.BAD_REQUEST
    assert answer.headers["content-type"] == "application/json"
    assert ("retry-after" in answer.headers) == (cls.retry_after_seconds is not None)


def test_the_drawing_of_the_tree_is_the_tree() -> None:
    drawn: dict[str, tuple[str, str, str | None]] = {}
    parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)(\w+)\s+(\d{3})(?: (\w+))?", line):
            depth = len(found[1]) // 4
            parents[depth:] = [found[2]]
            drawn[found[2]] = (parents[depth - 1] if depth else "Exception", found[3], found[4])
    told_by_type = {"TallybookError", "RequestError", "ServerFault"}
    actual = {
        cls.__name__: (
            cls.__bases__[0].__name__,
            str(int(cls.status)),
            cls.type if cls.__name__ in told_by_type else cls.code,
        )
        for cls in TREE
    }
    assert drawn == actual
