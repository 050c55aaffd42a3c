"""A setting does what it says, or says that it cannot."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

from generated.asking import JSON, PAGE
from openapiopenai import ApiClient, ApiException, Configuration, UsageApi
from openapiopenai.configuration import HOST
from openapiopenai.exceptions import ApiAttributeError, ApiValueError
from openapiopenai.transports import is_reached_directly, proxy_of, tls_of
from support.needs import require
from support.scripted import Reply, scripted

SECRET = "sk-admin-the-secret-of-the-tests-1234567890"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("username", "x"),
        ("password", "x"),
        ("server_index", 1),
        ("server_variables", {"a": "b"}),
        ("server_operation_index", {0: 1}),
        ("server_operation_variables", {0: {"a": "b"}}),
        ("safe_chars_for_path_param", "/"),
        ("client_side_validation", False),
        ("datetime_format", "%Y"),
        ("date_format", "%Y"),
        ("debug", True),
    ],
)
def test_a_setting_without_a_meaning_here_is_refused(setting: str, value: Any) -> None:
    given = {setting: value}
    with pytest.raises(ApiValueError, match=f"Configuration: {setting} cannot be set here: "):
        Configuration(**given)
    configuration = Configuration()
    with pytest.raises(ApiValueError, match=f"Configuration: {setting} cannot be set here: "):
        setattr(configuration, setting, value)


def test_a_setting_that_is_not_known_is_refused() -> None:
    with pytest.raises(ApiAttributeError, match="Configuration has no setting acess_token"):
        Configuration().acess_token = "x"  # type: ignore[attr-defined]


@pytest.mark.parametrize("retries", [-1, True, 1.0, "3"])
def test_retries_are_a_whole_number(retries: Any) -> None:
    with pytest.raises(ApiValueError, match=r"retries is .*, but must be a whole number from 0"):
        Configuration(retries=retries)


def test_no_secret_is_shown() -> None:
    configuration = Configuration(
        access_token=SECRET,
        api_key={"ApiKeyAuth": SECRET},
        proxy=f"http://u:{SECRET}@proxy.invalid",
    )
    assert repr(configuration) == f"Configuration(host={HOST!r})"
    assert SECRET not in str(configuration)


def test_a_key_is_shown_to_the_server_as_bearer() -> None:
    shown = {"type": "bearer", "in": "header", "key": "Authorization", "value": "Bearer k"}
    assert Configuration().auth_settings() == {}
    for configuration in (
        Configuration(access_token="k"),
        Configuration(api_key={"ApiKeyAuth": "k"}),
        Configuration(api_key={"ApiKeyAuth": "k"}, api_key_prefix={"ApiKeyAuth": "Bearer"}),
    ):
        assert configuration.auth_settings() == {"ApiKeyAuth": shown}
    both = Configuration(api_key={"a": "k"}, api_key_prefix={"a": "Token"})
    assert both.get_api_key_with_prefix("a") == "Token k"
    assert both.get_api_key_with_prefix("b", alias="a") == "Token k"
    assert both.get_api_key_with_prefix("b") is None


def test_a_host_that_is_no_address_is_refused() -> None:
    client = ApiClient(Configuration(host="tallybook", access_token="k"))
    with client, pytest.raises(ApiValueError, match="Configuration: the url is"):
        UsageApi(client).usage_costs(5)


def test_the_default_configuration_is_made_once() -> None:
    try:
        assert Configuration.get_default() is Configuration.get_default_copy()
    finally:
        Configuration.set_default(None)


def test_proxies_are_those_of_the_environment_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://environment.invalid:1")
    monkeypatch.setenv("no_proxy", "direct.invalid")
    for host, given, proxy in (
        ("http://far.invalid/v1", None, "http://environment.invalid:1"),
        ("http://far.invalid/v1", "http://given.invalid:2", "http://given.invalid:2"),
        ("http://direct.invalid/v1", "http://given.invalid:2", None),
    ):
        found = proxy_of(Configuration(host=host, proxy=given))
        assert (found and str(found.url)) == proxy


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("example.com", True),
        (".example.com", True),
        ("api.example.com:8321", True),
        ("api.example.com:80", False),
        ("ample.com", False),
        ("other.org, API.example.com ,", True),
        ("10.0.0.0/8", False),
    ],
)
def test_hosts_that_are_named_are_reached_directly(no_proxy: str, direct: bool) -> None:
    assert is_reached_directly(httpx2.URL("http://api.example.com:8321/v1"), no_proxy) is direct


def test_a_network_names_its_addresses() -> None:
    url = httpx2.URL("http://10.1.2.3/v1")
    assert is_reached_directly(url, "10.0.0.0/8")
    assert not is_reached_directly(url, "11.0.0.0/8")


def test_a_request_goes_through_the_proxy_with_its_headers() -> None:
    with scripted() as proxy:
        proxy.will(Reply(body=PAGE, headers=JSON))
        configuration = Configuration(
            host="http://far.invalid/v1",
            access_token="k",
            proxy=proxy.address,
            no_proxy="",
            proxy_headers={"X-Proxy": "yes"},
        )
        with ApiClient(configuration) as client:
            assert UsageApi(client).usage_costs(5).data == []
    (seen,) = proxy.seen
    assert seen.target == "http://far.invalid/v1/organization/costs?start_time=5"
    assert seen.headers["x-proxy"] == "yes"


def test_a_proxy_that_is_none_is_refused() -> None:
    configuration = Configuration(proxy="gopher://proxy.invalid", no_proxy="")
    with pytest.raises(ApiValueError, match=r"^Configuration: "):
        ApiClient(configuration)


def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    none = str(tmp_path / "none.pem")
    for configuration in (Configuration(ssl_ca_cert=none), Configuration(cert_file=none)):
        with pytest.raises(ApiValueError, match=r"^Configuration: "):
            ApiClient(configuration)


@pytest.mark.parametrize(
    ("settings", "hostname", "mode"),
    [
        ({}, True, ssl.CERT_REQUIRED),
        ({"assert_hostname": False}, False, ssl.CERT_REQUIRED),
        ({"assert_hostname": True}, True, ssl.CERT_REQUIRED),
        ({"verify_ssl": False}, False, ssl.CERT_NONE),
    ],
)
def test_servers_are_verified_unless_told_otherwise(
    settings: dict[str, Any], hostname: bool, mode: ssl.VerifyMode
) -> None:
    context = tls_of(Configuration(**settings))
    assert (context.check_hostname, context.verify_mode) == (hostname, mode)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for ``usage.test`` and its key, in one file."""
    require("openssl", present=bool(shutil.which("openssl")))
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "both.pem"
    name = ["-subj", "/CN=usage.test", "-addext", "subjectAltName=DNS:usage.test"]
    files = ["-keyout", str(made), "-out", str(folder / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, *name, *files], check=True, capture_output=True)
    made.write_text(made.read_text() + (folder / "certificate.pem").read_text())
    return made


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing."""


class _Quiet(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that do not trust the certificate go away, as they should."""


@contextmanager
def _tls_server(certificate: Path, *, asks_for_one: bool = False) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if asks_for_one:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate)
    with _Quiet(("127.0.0.1", 0), _Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()


def _reached(host: str, **settings: Any) -> bool:
    configuration = Configuration(host=host, access_token="k", retries=0, no_proxy="*", **settings)
    with ApiClient(configuration) as client:
        try:
            return UsageApi(client).usage_costs(5).data == []
        except ApiException as fault:
            assert fault.status == 0  # noqa: PT017 - one of two ends
            return False


def test_a_server_is_trusted_by_its_certificate_and_its_name(certificate: Path) -> None:
    trusted = {"ssl_ca_cert": str(certificate)}
    text = certificate.read_text().partition("-----BEGIN CERTIFICATE")
    with _tls_server(certificate) as host:
        assert not _reached(host)
        assert not _reached(host, **trusted)
        assert _reached(host, **trusted, tls_server_name="usage.test")
        assert _reached(host, ca_cert_data="".join(text[1:]), tls_server_name="usage.test")
        assert _reached(host, **trusted, assert_hostname=False)
        assert _reached(host, verify_ssl=False)


def test_a_client_shows_its_own_certificate(certificate: Path) -> None:
    with _tls_server(certificate, asks_for_one=True) as host:
        assert not _reached(host, verify_ssl=False)
        assert _reached(host, verify_ssl=False, cert_file=str(certificate))
