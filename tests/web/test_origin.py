"""Whom a request is from: what a proxy says counts when it is named, and else the connection."""

from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request

from support.server import running
from tallybook.settings import InvalidSetting
from tallybook.web.origin import address_of, is_https, trusted_proxies


def request(host: str | None, scheme: str = "http") -> Request:
    client = None if host is None else (host, 0)
    headers = [(b"host", b"x"), (b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"9.9.9.9")]
    return Request(
        {"type": "http", "client": client, "scheme": scheme, "headers": headers, "path": "/"}
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", None),
        ("<script>", None),
        ("192.0.2.1\r\nX: y", None),
        ("a" * 10_000, None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_one_or_it_is_not_known(host: str | None, address: str | None) -> None:
    assert address_of(request(host)) == address


def test_a_header_alone_makes_no_https() -> None:
    assert not is_https(request("192.0.2.1"))
    assert is_https(request("192.0.2.1", "https"))


def test_a_proxy_of_ipv4_is_known_as_ipv6_sees_it_too() -> None:
    assert trusted_proxies(["192.0.2.1", "10.0.0.0/8", "2001:db8::/32"]) == [
        "192.0.2.1/32",
        "::ffff:192.0.2.1/128",
        "10.0.0.0/8",
        "::ffff:10.0.0.0/104",
        "2001:db8::/32",
    ]


@pytest.mark.parametrize("name", ["*", "proxy.example", "192.0.2.300", "192.0.2.1/8", "unix:"])
def test_what_is_no_address_is_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match=r"forwarded_allow_ips: .* is neither an address nor"):
        trusted_proxies([name])


CLAIM = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(
    ("setting", "believed"),
    [("", False), ("192.0.2.1", False), ("127.0.0.1", True), ("192.0.2.1, 127.0.0.0/8", True)],
)
def test_a_claim_to_https_is_believed_of_a_named_proxy_alone(
    tmp_path: Path, setting: str, believed: bool
) -> None:
    # What uvicorn would go by, were it not told.
    environment = {"TALLYBOOK_FORWARDED_ALLOW_IPS": setting, "FORWARDED_ALLOW_IPS": "*"}
    with running(tmp_path, environment) as server:
        answer = server.http.get("/healthz", headers=CLAIM)
        assert ("strict-transport-security" in answer.headers) == believed
        plain = httpx2.get(f"{server.address}/healthz", trust_env=False)
        assert "strict-transport-security" not in plain.headers
