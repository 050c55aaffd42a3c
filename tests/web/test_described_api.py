"""Requests made up from the API's own description: no answer is a defect, each is as described.

``/openapi.json`` says what may be sent and what comes back; schemathesis makes
up requests that fit it and requests that do not, and holds every answer
against it.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.server import ADMIN_KEY, Server, running
from tallybook.web.openapi import openapi_document
from tallybook.web.routes import DOORS

# Requests of each operation, such as fit its description and such as do not: in all two thousand,
# or, in the long run, ten.
EXAMPLES_LONG = 100
EXAMPLES = EXAMPLES_LONG if os.environ.get("TALLYBOOK_LONG") == "1" else 20
REQUESTS_MIN = 10_000
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    (path, method, mode)
    for path, methods in openapi_document(DOORS)["paths"].items()
    for method, operation in methods.items()
    for mode in GenerationMode
    # Where nothing can be sent, nothing wrong can be.
    if mode is GenerationMode.POSITIVE or operation.get("parameters") or "requestBody" in operation
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("described")) as server:
        yield server


@pytest.fixture(scope="module")
def api(server: Server) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{server.address}/openapi.json")


@pytest.mark.parametrize(
    ("path", "method", "mode"), OPERATIONS, ids=lambda part: getattr(part, "value", part)
)
def test_every_answer_is_as_described(
    api: schemathesis.BaseSchema, path: str, method: str, mode: GenerationMode
) -> None:
    operation = api[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {ADMIN_KEY}"}, checks=CHECKS)

    send()


def test_the_long_run_makes_ten_thousand_requests() -> None:
    assert len(OPERATIONS) * EXAMPLES_LONG >= REQUESTS_MIN
