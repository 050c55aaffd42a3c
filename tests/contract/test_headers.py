"""Headers of requests and answers: what is sent, honoured, refused and passed over."""

import gzip
from collections.abc import Iterator

import httpx2
import pytest

from contract.contract import NAMES, USAGE
from support.events import DAY, event
from support.server import ADMIN_KEY, Server, running
from support.wire import fault

COMPLETIONS = f"{USAGE['completions']['path']}?start_time={DAY}&end_time={DAY + 86_400}"
# Large enough to be worth compressing.
LARGE = f"{COMPLETIONS}&bucket_width=1m&limit=1440"
ORGANIZATION = "org-tallybook"


@pytest.fixture(scope="module", autouse=True)
def _stored(server: Server) -> None:
    assert server.post(event(project_id="proj_a")).is_success


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps the ledger of one organization."""
    environment = {"TALLYBOOK_ORGANIZATION_ID": ORGANIZATION}
    with running(tmp_path_factory.mktemp("owned"), environment) as server:
        yield server


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_application_json_and_has_a_request_id(server: Server, name: str) -> None:
    answers = [server.usage(name, start_time=DAY, limit=1) for _ in range(2)]
    assert [answer.headers["content-type"] for answer in answers] == ["application/json"] * 2
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert all(ids)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nowhere"),
        ("PUT", "/v1/events"),
        ("POST", "/v1/events"),
        ("GET", USAGE["completions"]["path"]),
        ("GET", "/compat/2.3.0/v1/organization/usage/completions"),
    ],
)
def test_every_error_is_application_json_and_has_a_request_id(
    server: Server, method: str, path: str
) -> None:
    # ``fault`` looks at both headers.
    assert fault(server.http.request(method, path))["status"] >= 400
    with httpx2.Client(base_url=server.address, trust_env=False) as stranger:
        assert fault(stranger.request(method, path))["status"] >= 400


def _raw(server: Server, path: str, accept: str | None) -> tuple[httpx2.Headers, bytes]:
    """An answer's headers and its body as it came over the wire."""
    headers = {} if accept is None else {"Accept-Encoding": accept}
    with httpx2.Client(trust_env=False, base_url=server.address) as client:
        del client.headers["Accept-Encoding"]
        headers["Authorization"] = f"Bearer {ADMIN_KEY}"
        with client.stream("GET", path, headers=headers) as answer:
            return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize("accept", ["gzip", "gzip, deflate", "deflate, gzip;q=0.8", "br, gzip"])
def test_a_client_that_reads_gzip_gets_it(server: Server, accept: str) -> None:
    plain = _raw(server, LARGE, "identity")[1]
    headers, body = _raw(server, LARGE, accept)
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == "application/json"
    assert "accept-encoding" in headers["vary"].lower()
    assert len(body) < len(plain) / 4
    assert gzip.decompress(body) == plain


@pytest.mark.parametrize(
    "accept", [None, "identity", "", "deflate", "br", "gzip;q=0", "gzip; q=0.0"]
)
def test_a_client_that_does_not_read_gzip_does_not_get_it(
    server: Server, accept: str | None
) -> None:
    headers, body = _raw(server, LARGE, accept)
    assert "content-encoding" not in headers
    assert int(headers["content-length"]) == len(body)
    assert body.startswith(b"{")


def test_an_error_may_be_asked_for_with_gzip_too(server: Server) -> None:
    headers, body = _raw(server, f"{COMPLETIONS}&limit=0", "gzip")
    text = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
    assert b"integer_below_min_value" in text


@pytest.mark.parametrize("organization", ["org-other", "ORG-TALLYBOOK", "org-tallybook-2", "x"])
def test_another_organization_in_the_header_is_refused(owned: Server, organization: str) -> None:
    for path in (COMPLETIONS, f"{COMPLETIONS}&limit=0"):
        answer = owned.http.get(path, headers={"OpenAI-Organization": organization})
        found = fault(answer)
        assert (found["status"], found["type"]) == (401, "invalid_request_error")


def test_the_own_organization_or_none_in_the_header_is_let_in(owned: Server) -> None:
    plain = owned.http.get(COMPLETIONS)
    assert plain.status_code == 200
    for organization in (ORGANIZATION, ""):
        answer = owned.http.get(COMPLETIONS, headers={"OpenAI-Organization": organization})
        assert answer.json() == plain.json()


def test_a_server_without_an_organization_takes_any_in_the_header(server: Server) -> None:
    answer = server.http.get(COMPLETIONS, headers={"OpenAI-Organization": "org-any"})
    assert answer.json() == server.http.get(COMPLETIONS).json()


def test_the_key_is_looked_at_before_the_organization(owned: Server) -> None:
    headers = {"OpenAI-Organization": "org-other", "Authorization": "Bearer sk-admin-unknown"}
    assert fault(owned.http.get(COMPLETIONS, headers=headers))["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    "headers",
    [
        {"OpenAI-Project": "proj_other"},
        {"OpenAI-Project": ""},
        {
            "x-stainless-lang": "python",
            "x-stainless-retry-count": "0",
            "x-stainless-async": "false",
        },
        {"Content-Type": "application/json"},
        {"Accept": "application/json"},
        {"Accept": "text/html"},
        {"OpenAI-Beta": "anything"},
    ],
    ids=lambda headers: " ".join(f"{name}:{value}" for name, value in headers.items()),
)
def test_headers_that_mean_nothing_here_change_nothing(
    server: Server, headers: dict[str, str]
) -> None:
    page = server.http.get(COMPLETIONS).json()
    assert page["data"][0]["results"] != []
    assert server.http.get(COMPLETIONS, headers=headers).json() == page
