"""UsageApi asks what its arguments say, refuses what cannot be asked, and reads what comes."""

import inspect
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from generated.asking import JSON, OPERATIONS, PAGE, PATHS, arguments, pairs
from generated.rows import NAMES
from openapiopenai import ApiClient, ApiException, Configuration, UsageApi, exceptions
from openapiopenai.exceptions import ApiTypeError, ApiValueError, UnauthorizedException
from openapiopenai.models.usage_response import UsageResponse
from support.scripted import Reply, Scripted, closed_port, scripted

KEY = "sk-admin-the-secret-of-the-tests-1234567890"
AUTH = {"type": "bearer", "in": "header", "key": "Authorization", "value": f"Bearer {KEY}-other"}


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture
def api(server: Scripted) -> Iterator[UsageApi]:
    server.will(Reply(body=PAGE, headers=JSON))
    with _client(server) as client:
        yield UsageApi(client)


def _client(server: Scripted, **settings: Any) -> ApiClient:
    given: dict[str, Any] = {"access_token": KEY, "retries": 0, "no_proxy": "*"} | settings
    return ApiClient(Configuration(host=f"{server.address}/v1", **given))


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_sends_every_parameter_to_its_path(
    server: Scripted, api: UsageApi, name: str
) -> None:
    given = arguments(name)
    page = getattr(api, OPERATIONS[name])(**given)
    (seen,) = server.seen
    target = urlsplit(seen.target)
    assert (seen.method, target.path) == ("GET", PATHS[name])
    assert sorted(parse_qsl(target.query)) == pairs(given)
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["user-agent"] == "OpenAPI-Generator/1.3.0/python"
    assert seen.headers["accept"] == "application/json"
    assert page == UsageResponse(object="page", data=[], has_more=False, next_page="")


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_has_three_forms_of_its_answer(
    server: Scripted, api: UsageApi, name: str
) -> None:
    server.will(*[Reply(body=PAGE, headers=JSON)] * 3)
    operation = OPERATIONS[name]
    page = getattr(api, operation)(5)
    described = getattr(api, f"{operation}_with_http_info")(5)
    raw = getattr(api, f"{operation}_without_preload_content")(5)
    assert (described.status_code, described.data, described.raw_data) == (200, page, PAGE)
    assert described.headers["Content-Type"] == "application/json"
    assert (raw.status, raw.reason, raw.data, raw.read()) == (200, "OK", PAGE, PAGE)
    assert raw.getheaders() is raw.headers
    assert raw.getheader("CONTENT-TYPE") == "application/json"
    assert raw.getheader("x-other", "none") == "none"
    assert [seen.target for seen in server.seen] == [f"{PATHS[name]}?start_time=5"] * 3


def test_what_is_none_or_empty_is_not_sent(server: Scripted, api: UsageApi) -> None:
    api.usage_completions(5, None, None, [], None, ["a"], batch=None, page="")
    assert (
        server.seen[0].target
        == "/v1/organization/usage/completions?start_time=5&api_key_ids=a&page="
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"start_time": "5"}, 'usage_images: start_time is "5", but must be an integer.'),
        ({"start_time": True}, "start_time is true, but must be an integer"),
        ({"start_time": None}, "start_time is null, but must be an integer"),
        ({"models": "gpt"}, 'models is "gpt", but must be a list, each of it a string'),
        ({"models": ["a", 5]}, "models[1] is 5, but must be a string"),
        (
            {"limit": 1.0, "bucket_width": 5},
            "bucket_width is 5, but must be a string; limit is 1.0, but must be an integer.",
        ),
        ({"_content_type": "text/plain"}, "usage_images: _content_type is given, but the req"),
        ({"_host_index": 1}, "_host_index is given, but must be 0"),
        ({"_host_index": False}, "_host_index is given, but must be 0"),
        ({"_request_timeout": 0}, "_request_timeout is 0, but must be seconds above 0, or a p"),
        ({"_request_timeout": "5"}, "_request_timeout is '5', but must be seconds above 0"),
        ({"_request_timeout": (1, 2, 3)}, "_request_timeout is (1, 2, 3), but must be seconds"),
        ({"_request_auth": AUTH | {"in": "query"}}, "_request_auth is for query Authorization"),
        ({"_request_auth": AUTH | {"key": "X-Key"}}, "_request_auth is for header X-Key, but"),
        ({"_request_auth": AUTH | {"value": KEY}}, 'must be "Bearer" and the key'),
        ({"_headers": {"Cookie": "a"}, "_request_auth": {"value": KEY}}, "is for None None"),
    ],
)
def test_an_argument_that_cannot_be_sent_is_refused_by_name_and_nothing_is_sent(
    server: Scripted, api: UsageApi, given: dict[str, Any], words: str
) -> None:
    for form in ("", "_with_http_info", "_without_preload_content"):
        with pytest.raises(ApiValueError) as caught:
            getattr(api, f"usage_images{form}")(**({"start_time": 5} | given))
        assert words in str(caught.value).replace(form, "")
        assert KEY not in str(caught.value)
    assert server.seen == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "usage_costs: missing a required argument: 'start_time'."),
        ({"start_time": 5, "models": ["a"]}, "got an unexpected keyword argument 'models'"),
    ],
)
def test_an_argument_that_is_missing_or_unknown_is_a_type_error(
    api: UsageApi, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ApiTypeError, match=words) as caught:
        api.usage_costs(**given)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("status", "class_"),
    [
        (400, "BadRequestException"),
        (401, "UnauthorizedException"),
        (403, "ForbiddenException"),
        (404, "NotFoundException"),
        (409, "ConflictException"),
        (418, "ApiException"),
        (422, "UnprocessableEntityException"),
        (429, "ApiException"),
        (500, "ServiceException"),
        (503, "ServiceException"),
    ],
)
def test_an_error_is_the_exception_of_its_status_with_what_came(
    server: Scripted, status: int, class_: str
) -> None:
    reply = Reply(status, b'{"error": {"message": "no"}}', {"X-Request-Id": "req_7", **JSON})
    server.will(reply, reply)
    with _client(server) as client:
        with pytest.raises(ApiException) as caught:
            UsageApi(client).usage_costs(5)
        raw = UsageApi(client).usage_costs_without_preload_content(5)
    found = caught.value
    assert type(found) is getattr(exceptions, class_)
    assert (found.status, found.body, found.data) == (status, reply.body.decode(), None)
    assert found.headers is not None
    assert found.headers["X-REQUEST-ID"] == "req_7"
    assert str(found).startswith(f"({status})\nReason: {found.reason}\nHTTP response headers: ")
    assert '\nHTTP response body: {"error": {"message": "no"}}\n' in str(found)
    assert (raw.status, raw.data) == (status, reply.body)


def test_a_server_that_is_not_there_is_an_exception_without_a_status() -> None:
    configuration = Configuration(
        host=f"http://127.0.0.1:{closed_port()}/v1", access_token=KEY, retries=0, no_proxy="*"
    )
    with ApiClient(configuration) as client, pytest.raises(ApiException) as caught:
        UsageApi(client).usage_costs(5)
    assert caught.value.status == 0
    assert "was not reached" in str(caught.value.reason)
    assert KEY not in str(caught.value)


def test_an_answer_that_is_no_page_is_refused(server: Scripted, api: UsageApi) -> None:
    server.will(Reply(body=b"<html>", headers=JSON), Reply(body=b"{}", headers=JSON))
    with pytest.raises(ApiValueError, match="UsageResponse: b'<html>' is given, but must be a JS"):
        api.usage_costs(5)
    with pytest.raises(ApiValueError, match="UsageResponse: object is missing, but must be"):
        api.usage_costs(5)


def test_a_request_is_tried_again_as_often_as_the_configuration_says(server: Scripted) -> None:
    soon = Reply(503, b"{}", {"retry-after-ms": "1", **JSON})
    page = Reply(body=PAGE, headers=JSON)
    server.will(soon, soon, soon, page)
    with _client(server, retries=None) as client:
        assert UsageApi(client).usage_costs(5).data == []
    assert len(server.seen) == 4
    server.will(soon, page)
    with _client(server, retries=0) as client, pytest.raises(exceptions.ServiceException):
        UsageApi(client).usage_costs(5)
    assert len(server.seen) == 1


@pytest.mark.parametrize("timeout", [0.2, (5, 0.2), (5.0, 0.2)])
def test_a_server_that_says_nothing_is_waited_for_as_long_as_the_call_says(
    server: Scripted, api: UsageApi, timeout: Any
) -> None:
    server.will(Reply(hangs=True))
    with pytest.raises(ApiException, match=r"did not answer within 0\.2 seconds") as caught:
        api.usage_costs(5, _request_timeout=timeout)
    assert caught.value.status == 0


def test_headers_of_the_call_the_client_and_the_cookie_go_along(server: Scripted) -> None:
    server.will(Reply(body=PAGE, headers=JSON))
    configuration = Configuration(host=server.address, access_token=KEY, no_proxy="*")
    with ApiClient(configuration, "X-Client", "one", cookie="a=b") as client:
        client.set_default_header("X-Both", "of the client")
        client.user_agent = "OpenAPI-Generator/9/python"
        UsageApi(client).usage_costs(5, _headers={"X-Call": 7, "X-Both": "of the call"})
    (seen,) = server.seen
    names = ("x-client", "x-both", "x-call", "cookie", "user-agent", "authorization")
    assert [seen.headers[name] for name in names] == [
        "one",
        # As in the generated client: what goes with every request has the last word.
        "of the client",
        "7",
        "a=b",
        "OpenAPI-Generator/9/python",
        f"Bearer {KEY}",
    ]


@pytest.mark.parametrize(
    ("settings", "by_hand", "call", "sent"),
    [
        ({"access_token": KEY}, None, {}, KEY),
        ({"api_key": {"ApiKeyAuth": KEY}}, None, {}, KEY),
        (
            {"api_key": {"ApiKeyAuth": KEY}, "api_key_prefix": {"ApiKeyAuth": "Bearer"}},
            None,
            {},
            KEY,
        ),
        ({"access_token": KEY, "api_key": {"ApiKeyAuth": "other"}}, None, {}, KEY),
        ({}, f"Bearer {KEY}", {}, KEY),
        ({"access_token": KEY}, "Bearer other", {}, KEY),
        ({"access_token": KEY}, None, {"_request_auth": AUTH}, f"{KEY}-other"),
        ({"access_token": KEY}, None, {"_request_auth": {}}, KEY),
    ],
)
def test_the_key_is_that_of_the_call_else_of_the_configuration_else_of_a_header(
    server: Scripted,
    settings: dict[str, Any],
    by_hand: str | None,
    call: dict[str, Any],
    sent: str,
) -> None:
    server.will(Reply(body=PAGE, headers=JSON))
    configuration = Configuration(host=server.address, no_proxy="*", **settings)
    with ApiClient(configuration) as client:
        if by_hand:
            client.set_default_header("authorization", by_hand)
        UsageApi(client).usage_costs(5, **call)
    assert server.seen[0].headers["authorization"] == f"Bearer {sent}"


def test_without_a_key_nothing_is_sent(server: Scripted) -> None:
    server.will()
    client = _client(server, access_token=None)
    with client, pytest.raises(UnauthorizedException, match="give Configuration an access_token"):
        UsageApi(client).usage_costs(5)
    assert server.seen == []


@pytest.mark.parametrize(
    "settings",
    [
        {"access_token": "sk-secret\n"},
        {"access_token": None, "api_key": {"ApiKeyAuth": "Basic sk-secret"}},
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(
    server: Scripted, settings: dict[str, Any]
) -> None:
    client = _client(server, **settings)
    with client, pytest.raises(ApiValueError, match=r"^Configuration: ") as caught:
        UsageApi(client).usage_costs(5)
    assert "secret" not in str(caught.value)


def test_host_and_key_can_change_between_calls(server: Scripted) -> None:
    server.will(*[Reply(body=PAGE, headers=JSON)] * 2)
    with _client(server) as client:
        UsageApi(client).usage_costs(5)
        client.configuration.host = f"{server.address}/compat/2.3.0/v1"
        client.configuration.access_token = "another"
        UsageApi(client).usage_costs(5)
    first, second = server.seen
    assert first.target == "/v1/organization/costs?start_time=5"
    assert second.target == "/compat/2.3.0/v1/organization/costs?start_time=5"
    assert second.headers["authorization"] == "Bearer another"


def test_a_client_of_ones_own_is_the_default(server: Scripted) -> None:
    server.will(Reply(body=PAGE, headers=JSON))
    with _client(server) as client:
        ApiClient.set_default(client)
        try:
            assert UsageApi().usage_costs(5).data == []
        finally:
            ApiClient.set_default(None)
    assert len(server.seen) == 1


def test_the_default_client_has_the_default_configuration() -> None:
    configuration = Configuration(host="http://default.invalid/v1")
    Configuration.set_default(configuration)
    try:
        with ApiClient.get_default() as client:
            assert client.configuration is configuration
            assert ApiClient.get_default() is client
            assert UsageApi().api_client is client
    finally:
        Configuration.set_default(None)
        ApiClient.set_default(None)


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_can_be_looked_up(api: UsageApi, name: str) -> None:
    method = getattr(api, OPERATIONS[name])
    assert method.__name__ == OPERATIONS[name]
    assert PATHS[name].removeprefix("/v1") in (inspect.getdoc(method) or "")
    assert inspect.signature(method).return_annotation is UsageResponse
    assert getattr(UsageApi, OPERATIONS[name]).__doc__ == method.__doc__
