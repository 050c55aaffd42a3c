"""Logging in: a key for a session, which opens what its key opens, and nothing to other sites."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.certificates import make_certificate
from support.events import DAY, event
from support.made_keys import audited, made_key, revoke
from support.raw import ask, request
from support.server import ADMIN_KEY, INGEST_KEY, Server, running
from support.wire import fault, refusal
from tallybook.organization.scopes import ALL_SCOPES, Scope
from tallybook.organization.secret import digest
from tallybook.web.session_cookies import HTTPS_NAME, NAME
from tallybook.web.sessions import SESSION_SECONDS, Session, SessionSigner, new_session

USAGE = f"/v1/organization/usage/completions?start_time={DAY}&end_time={DAY + 86_400}"
# Costs nothing and changes nothing but the audit log: what the tests do by a session.
WISH = {"since": DAY}
INVALID = refusal(None, "invalid_session", 401)
CROSS_SITE = refusal(None, "cross_site_request", 403)
SECRET = "a secret that the servers of these tests share"
NOTICED_SECONDS_MAX = 5


class Browser:
    """A client that keeps cookies and says whose page sends a request."""

    def __init__(self, server: Server, **options: Any) -> None:
        self.address = server.address
        self.http = httpx2.Client(base_url=server.address, trust_env=False, **options)
        self.csrf_token = ""

    def log_in(self, key: str = ADMIN_KEY, **headers: str) -> httpx2.Response:
        answer = self.http.post("/session", json={"key": key}, headers=self.own | headers)
        if answer.is_success:
            self.csrf_token = answer.json()["csrf_token"]
        return answer

    @property
    def own(self) -> dict[str, str]:
        """What a browser says of a page of the server itself."""
        return {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}

    @property
    def proven(self) -> dict[str, str]:
        """What a page of the server itself sends along with what changes something."""
        return self.own | {"x-tallybook-csrf": self.csrf_token}

    def change(self, headers: dict[str, str]) -> httpx2.Response:
        return self.http.post("/v1/prices/repricings", json=WISH, headers=headers)

    @property
    def token(self) -> str:
        """The cookie's."""
        return self.http.cookies[NAME]

    @token.setter
    def token(self, token: str) -> None:
        self.http.cookies.clear()
        self.http.cookies.set(NAME, token)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a secret that the tests know, and an event."""
    folder = tmp_path_factory.mktemp("house")
    with running(folder, {"TALLYBOOK_SESSION_SECRET": SECRET}) as server:
        assert server.post([event(id="a", project_id="proj_a"), event(id="b")]).is_success
        yield server


@pytest.fixture
def browser(house: Server) -> Iterator[Browser]:
    browser = Browser(house)
    with browser.http:
        yield browser


def test_a_key_is_exchanged_for_a_session(browser: Browser) -> None:
    answer = browser.log_in()
    assert answer.status_code == 200
    told = answer.json()
    assert told == {
        "object": "session",
        "key_id": "key_admin_setting",
        "name": "admin key",
        "scopes": [*Scope],
        "projects": None,
        "csrf_token": told["csrf_token"],
        "expires_at": told["expires_at"],
    }
    assert abs(told["expires_at"] - SESSION_SECONDS - time.time()) < 60
    assert browser.http.get("/session").json() == told
    page = browser.http.get(USAGE)
    assert page.json()["data"][0]["results"] != []


def test_the_cookie_is_for_this_server_alone_and_for_no_script(browser: Browser) -> None:
    answer = browser.log_in()
    (cookie,) = answer.headers.get_list("set-cookie")
    name, *rest = cookie.split("; ")
    assert name == f"{NAME}={browser.token}"
    assert sorted(rest) == ["HttpOnly", f"Max-Age={SESSION_SECONDS}", "Path=/", "SameSite=strict"]
    assert answer.headers["cache-control"] == "no-store"
    assert ADMIN_KEY not in answer.text + cookie


def test_over_https_the_cookie_never_goes_without(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with running(tmp_path / "data", certificate.environment, certificate.trust) as server:
        browser = Browser(server, verify=certificate.trust)
        with browser.http:
            (cookie,) = browser.log_in().headers.get_list("set-cookie")
            name, *rest = cookie.split("; ")
            assert name.startswith(f"{HTTPS_NAME}=")
            assert sorted(rest) == [
                "HttpOnly", f"Max-Age={SESSION_SECONDS}", "Path=/", "SameSite=strict", "Secure"
            ]  # fmt: skip
            assert browser.http.get(USAGE).status_code == 200
            assert browser.change(browser.proven).status_code == 200
            # Set by someone in the middle, over http.
            token = name.partition("=")[2]
            browser.http.cookies.clear()
            browser.http.cookies.set(NAME, token)
            assert browser.http.get(USAGE).status_code == 401


def test_behind_a_proxy_that_speaks_https_the_cookie_is_as_safe(tmp_path: Path) -> None:
    proxied = {"X-Forwarded-Proto": "https", "Host": "tally.example"}
    for named, safe in (("127.0.0.1", True), ("192.0.2.1", False)):
        folder = tmp_path / named
        with running(folder, {"TALLYBOOK_FORWARDED_ALLOW_IPS": named}) as server:
            browser = Browser(server)
            with browser.http:
                (cookie,) = browser.log_in(**proxied).headers.get_list("set-cookie")
                assert ("Secure" in cookie) == cookie.startswith("__Host-") == safe


def test_whoever_logs_out_is_out(browser: Browser) -> None:
    browser.log_in()
    answer = browser.http.delete("/session", headers=browser.proven)
    assert answer.json() == {"object": "session.deleted", "deleted": True}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert NAME not in browser.http.cookies
    assert fault(browser.http.get("/session")) == refusal(None, None, 401)


def test_a_key_is_who_it_is_without_a_session(house: Server) -> None:
    told = house.http.get("/session").json()
    assert (told["key_id"], told["csrf_token"]) == ("key_admin_setting", None)
    assert house.http.delete("/session").json()["deleted"]
    assert house.http.get("/session").json() == told


def test_a_header_with_a_key_wins_over_the_cookie(browser: Browser) -> None:
    browser.log_in()
    wrong = {"Authorization": "Bearer sk-admin-unknown"}
    assert fault(browser.http.get(USAGE, headers=wrong))["code"] == "invalid_api_key"
    assert browser.http.get(USAGE, headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("key", ["sk-admin-of-somebody-else-0123456789", "", "x" * 5_000, "\0"])
def test_a_wrong_key_is_refused_as_anywhere(browser: Browser, key: str) -> None:
    answer = browser.log_in(key)
    assert fault(answer) == refusal(None, "invalid_api_key", 401)
    assert "set-cookie" not in answer.headers
    assert key == "" or key not in answer.text


def test_a_key_that_may_not_read_usage_has_nothing_to_log_in_for(browser: Browser) -> None:
    answer = browser.log_in(INGEST_KEY)
    assert fault(answer) == refusal(None, None, 401)
    assert "Missing scopes: api.usage.read" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b'{"key": 5}', "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"key": "\xff"}', "application/json", 400),
        (b'{"key":' + b"[" * 8_000, "application/json", 400),
        (b'{"key": "' + b"x" * 9_000 + b'"}', "application/json", 413),
        (b'{"key": "x"}', "text/plain", 415),
        (b"key=x", "application/x-www-form-urlencoded", 415),
        (b'{"key": "x"}', "", 415),
    ],
)
def test_a_body_that_is_no_login_is_refused(
    browser: Browser, body: bytes, media: str, status: int
) -> None:
    answer = browser.http.post("/session", content=body, headers={"Content-Type": media})
    assert fault(answer)["status"] == status


def test_another_sites_page_cannot_log_someone_in(browser: Browser) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert fault(browser.log_in(**headers)) == CROSS_SITE
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = browser.http.post("/session", json={"key": ADMIN_KEY}, headers=elsewhere)
    assert fault(answer) == CROSS_SITE
    assert "set-cookie" not in answer.headers


def test_what_changes_something_needs_the_second_token_and_an_own_page(browser: Browser) -> None:
    browser.log_in()
    assert browser.change(browser.proven).status_code == 200
    second = {"x-tallybook-csrf": browser.csrf_token}
    fetched, sent = {"Sec-Fetch-Site": "same-origin"}, {"Origin": browser.address}
    assert browser.change(second | fetched).status_code == 200
    assert browser.change(second | sent).status_code == 200


def test_what_another_sites_page_could_send_changes_nothing(browser: Browser) -> None:
    browser.log_in()
    second = {"x-tallybook-csrf": browser.csrf_token}
    for headers in (
        {},
        browser.own,
        second,
        browser.own | {"x-tallybook-csrf": ""},
        browser.own | {"x-tallybook-csrf": browser.csrf_token[:-1]},
        browser.own | {"x-tallybook-csrf": browser.token},
        second | {"Origin": "null"},
        second | {"Origin": "https://elsewhere.example"},
        second | {"Origin": browser.address + ".elsewhere.example"},
        second | {"Origin": browser.address.replace("http:", "https:")},
        second | {"Sec-Fetch-Site": "cross-site"},
        second | {"Sec-Fetch-Site": "same-site"},
        second | {"Sec-Fetch-Site": "none"},
        second | {"Sec-Fetch-Site": ""},
        second | {"Origin": browser.address, "Sec-Fetch-Site": "cross-site"},
    ):
        assert fault(browser.change(headers)) == CROSS_SITE, headers
        assert fault(browser.http.delete("/session", headers=headers)) == CROSS_SITE
    # What it looks at, it may look at; the browser gives it to no other site's page.
    answer = browser.http.get(USAGE, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


def test_the_second_token_of_another_session_is_none(house: Server, browser: Browser) -> None:
    other = Browser(house)
    with other.http:
        other.log_in()
        browser.log_in()
        borrowed = browser.own | {"x-tallybook-csrf": other.csrf_token}
        assert fault(browser.change(borrowed)) == CROSS_SITE
        assert other.change(other.proven).status_code == 200


def test_a_key_needs_no_second_token_and_may_come_from_anywhere(house: Server) -> None:
    answer = house.http.post(
        "/v1/prices/repricings", json=WISH, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 200


def forged(**changes: Any) -> str:
    """A token that another secret made, for the admin key."""
    session = new_session("key_admin_setting", time.time())
    fields = {name: getattr(session, name) for name in Session.__struct_fields__} | changes
    return SessionSigner(b"another secret").token(Session(**fields), "")


@pytest.mark.parametrize("token", ["", "x", "x.y", forged(), forged(expires_at=2**50), "é", '"'])
def test_a_forged_cookie_opens_nothing(house: Server, token: str) -> None:
    cookie = f"Cookie: {NAME}={token}".encode("latin-1")
    for method, target in (
        (b"GET", USAGE.encode()),
        (b"GET", b"/session"),
        (b"DELETE", b"/session"),
    ):
        answer = ask(house.address, request(target, cookie, method=method))
        assert fault(answer) == INVALID
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_cookie_that_was_changed_opens_nothing(browser: Browser) -> None:
    browser.log_in()
    token = browser.token
    for changed in (token[:-1], token + "A", token.swapcase(), token[1:], token.replace(".", "")):
        browser.token = changed
        assert fault(browser.http.get(USAGE)) == INVALID
    browser.token = token
    assert browser.http.get(USAGE).status_code == 200


def test_a_session_that_is_over_opens_nothing(browser: Browser) -> None:
    # Signed as the server itself would have, had it been asked then.
    signer = SessionSigner(SECRET.encode())
    for begun, status in ((time.time() - SESSION_SECONDS - 1, 401), (time.time() - 60, 200)):
        session = new_session("key_admin_setting", begun)
        browser.token = signer.token(session, digest(ADMIN_KEY))
        assert browser.http.get(USAGE).status_code == status


def test_servers_that_share_a_secret_know_each_others_sessions_and_others_do_not(
    browser: Browser, tmp_path: Path
) -> None:
    browser.log_in()
    for secret, status in ((SECRET, 200), ("", 401), (SECRET[::-1], 401)):
        folder = tmp_path / f"shared {secret[:1]}"
        with running(folder, {"TALLYBOOK_SESSION_SECRET": secret}) as other:
            elsewhere = Browser(other)
            with elsewhere.http:
                elsewhere.token = browser.token
                assert elsewhere.http.get("/session").status_code == status


def test_a_session_ends_when_a_setting_gives_another_key(browser: Browser, tmp_path: Path) -> None:
    browser.log_in()
    environment = {
        "TALLYBOOK_SESSION_SECRET": SECRET,
        "TALLYBOOK_ADMIN_KEY": "sk-admin-the-next-one-0123456789abcdef",
    }
    with running(tmp_path, environment) as other:
        elsewhere = Browser(other)
        with elsewhere.http:
            elsewhere.token = browser.token
            assert fault(elsewhere.http.get("/session")) == INVALID


def test_a_session_ends_with_its_key(house: Server, browser: Browser) -> None:
    key, secret = made_key(house.data, name="to be revoked")
    deadline = time.monotonic() + NOTICED_SECONDS_MAX
    while not browser.log_in(secret).is_success:
        assert time.monotonic() < deadline
    assert browser.http.get(USAGE).status_code == 200
    revoke(house.data, key.id)
    while browser.http.get(USAGE).is_success:
        assert time.monotonic() < deadline
    assert fault(browser.http.get(USAGE)) == INVALID
    assert fault(browser.log_in(secret)) == refusal(None, "invalid_api_key", 401)


def test_a_session_of_an_expiring_key_says_when(tmp_path: Path) -> None:
    _, secret = made_key(tmp_path, now=time.time(), expires_in_seconds=600)
    with running(tmp_path) as server:
        browser = Browser(server)
        with browser.http:
            assert browser.log_in(secret).json()["expires_at"] < time.time() + 601


def test_a_session_of_a_bound_key_sees_its_projects_alone(tmp_path: Path) -> None:
    _, secret = made_key(tmp_path, projects=("proj_a",), scopes=ALL_SCOPES)
    with running(tmp_path) as server:
        sent = [event(id=name, project_id=f"proj_{name}", input_tokens=1) for name in "ab"]
        assert server.post(sent).json()["accepted"] == 2
        browser = Browser(server)
        with browser.http:
            assert browser.log_in(secret).json()["projects"] == ["proj_a"]
            (row,) = browser.http.get(USAGE).json()["data"][0]["results"]
            assert row["num_model_requests"] == 1
            beyond = browser.http.get("/v1/prices/cards")
            assert fault(beyond) == refusal(None, "project_bound_key", 401)


def test_a_session_is_counted_with_its_key(tmp_path: Path) -> None:
    _, secret = made_key(tmp_path, requests_per_minute_max=3)
    with running(tmp_path) as server:
        browser = Browser(server)
        with browser.http:
            assert browser.log_in(secret).status_code == 200
            found = [browser.http.get(USAGE).status_code for _ in range(3)]
            assert found == [200, 200, 429]
            assert browser.log_in(secret).status_code == 429


def test_who_came_and_went_is_in_the_audit_log(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        browser = Browser(server, headers={"User-Agent": "a browser"})
        with browser.http:
            wrong = browser.log_in("sk-admin-of-somebody-else-0123456789")
            poor = browser.log_in(INGEST_KEY)
            right = browser.log_in()
            out = browser.http.delete("/session", headers=browser.proven)
        found = audited(tmp_path, "login.failed", "login.succeeded", "logout.succeeded")
    assert [(line.type, line.subject_id, line.actor.id) for line in found] == [
        ("logout.succeeded", "key_admin_setting", "key_admin_setting"),
        ("login.succeeded", "key_admin_setting", "key_admin_setting"),
        ("login.failed", "key_ingest_setting", "key_ingest_setting"),
        ("login.failed", "unknown_key", None),
    ]
    answers = (out, right, poor, wrong)
    assert [line.actor.request_id for line in found] == [
        answer.headers["x-request-id"] for answer in answers
    ]
    assert {(line.actor.means, line.actor.address, line.actor.user_agent) for line in found} == {
        ("session", "127.0.0.1", "a browser")
    }
    assert found[-1].after == {
        "error_code": "invalid_api_key",
        "error_message": wrong.json()["error"]["message"],
    }


def test_a_change_by_a_session_is_a_sessions_in_the_audit_log(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        browser = Browser(server)
        with browser.http:
            browser.log_in()
            browser.http.delete("/session", headers=browser.proven)
        (line,) = audited(tmp_path, "logout.succeeded")
    assert (line.actor.means, line.actor.id) == ("session", "key_admin_setting")


def test_a_flood_of_failures_does_not_fill_the_audit_log(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        browser = Browser(server)
        with browser.http:
            found = {browser.log_in(f"sk-admin-guess-{n:016}").status_code for n in range(100)}
            assert found == {401}
            # And keeps nobody out.
            assert browser.log_in().status_code == 200
        assert 60 <= len(audited(tmp_path, "login.failed")) <= 62
        server.stop()
        assert "".join(server.output).count("a failed login, one of so many") >= 38


@pytest.mark.parametrize(
    ("named", "claim", "address"),
    [
        ("", "203.0.113.9", "127.0.0.1"),
        ("192.0.2.1", "203.0.113.9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1,203.0.113.9", "198.51.100.7, 203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", "<script>", None),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_that_of_the_connection_or_what_a_named_proxy_says(
    tmp_path: Path, named: str, claim: str, address: str | None
) -> None:
    with running(tmp_path, {"TALLYBOOK_FORWARDED_ALLOW_IPS": named}) as server:
        browser = Browser(server)
        with browser.http:
            assert browser.log_in(**{"X-Forwarded-For": claim}).status_code == 200
    (line,) = audited(tmp_path, "login.succeeded")
    assert line.actor.address == address


def test_no_token_is_in_the_log(house: Server, browser: Browser) -> None:
    browser.log_in()
    browser.change({})
    log = "".join(house.output)
    assert not [word for word in (browser.token, browser.csrf_token, SECRET) if word in log]
