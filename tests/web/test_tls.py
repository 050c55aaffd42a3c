"""https by a certificate: verified by real clients, and refused at the start when it is wrong."""

import shutil
import ssl
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from support.certificates import Certificate, make_certificate
from support.events import DAY, event
from support.raw import connect, read_all
from support.server import ADMIN_KEY, Server, running

HSTS = "max-age=31536000"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Server]:
    """A server that speaks https."""
    folder = tmp_path_factory.mktemp("safe")
    with running(folder, certificate.environment, certificate.trust) as server:
        yield server


def test_a_client_that_verifies_is_answered(safe: Server) -> None:
    assert safe.address.startswith("https://127.0.0.1:")
    assert safe.post(event()).json()["accepted"] == 1
    page = safe.usage("completions", start_time=DAY, end_time=DAY + 86_400)
    assert page.json()["data"][0]["results"] != []
    assert page.headers["strict-transport-security"] == HSTS


def test_the_official_client_is_answered(safe: Server, certificate: Certificate) -> None:
    client = openai.OpenAI(
        admin_api_key=ADMIN_KEY,
        base_url=f"{safe.address}/v1",
        http_client=openai.DefaultHttpxClient(verify=certificate.trust, trust_env=False),
    )
    with client:
        page = client.admin.organization.usage.completions(start_time=DAY)
    assert page.object == "page"


def test_a_client_that_does_not_know_the_certificate_goes_no_further(safe: Server) -> None:
    with (
        httpx2.Client(trust_env=False) as stranger,
        pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        stranger.get(f"{safe.address}/healthz")


def versions(server: Server, certificate: Certificate, version: ssl.TLSVersion) -> str | None:
    """The version that a client gets which speaks one alone."""
    context = certificate.trust
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    # Old versions are no longer offered at the usual level.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with (
        connect(server.address) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as safe_line,
    ):
        return safe_line.version()


def test_tls_1_2_and_newer_is_spoken_and_nothing_older(
    safe: Server, certificate: Certificate
) -> None:
    assert versions(safe, certificate, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert versions(safe, certificate, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        versions(safe, certificate, ssl.TLSVersion.TLSv1_1)


def test_plain_http_gets_no_answer_and_is_no_defect(safe: Server) -> None:
    with connect(safe.address) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            said = read_all(line)
        except ConnectionResetError:
            said = b""
    assert b"HTTP/1.1" not in said
    assert safe.http.get("/healthz").status_code == 200
    assert "Traceback" not in "".join(safe.output)


def test_what_is_not_http_is_refused_over_tls_as_well(
    safe: Server, certificate: Certificate
) -> None:
    with (
        connect(safe.address) as line,
        certificate.trust.wrap_socket(line, server_hostname="127.0.0.1") as safe_line,
    ):
        safe_line.sendall(b"good morning\r\n\r\n")
        said = safe_line.recv(1 << 16)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"strict-transport-security: " + HSTS.encode() in said


def start(folder: Path, *flags: str) -> str:
    """What a start says that cannot be; nothing was made by it, and nothing listens."""
    command = [sys.executable, "-m", "tallybook", "serve", "--port", "0", "--data"]
    done = subprocess.run(
        [*command, str(folder / "data"), *flags],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert not (folder / "data").exists()
    return done.stderr.strip().removeprefix("tallybook: ")


def test_one_without_the_other_is_refused(tmp_path: Path, certificate: Certificate) -> None:
    assert start(tmp_path, "--tls-certificate", str(certificate.certificate)) == (
        "tls_certificate is set and tls_key is not; https needs both."
    )
    assert start(tmp_path, "--tls-key", str(certificate.key)) == (
        "tls_key is set and tls_certificate is not; https needs both."
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path, certificate: Certificate) -> None:
    nowhere = tmp_path / "nowhere.pem"
    given = ("--tls-certificate", str(nowhere), "--tls-key", str(certificate.key))
    assert start(tmp_path, *given) == (
        f"tls_certificate: {nowhere} cannot be read: No such file or directory."
    )
    given = ("--tls-certificate", str(certificate.certificate), "--tls-key", str(tmp_path))
    assert start(tmp_path, *given) == f"tls_key: {tmp_path} cannot be read: Is a directory."


def test_files_in_each_others_place_are_told(tmp_path: Path, certificate: Certificate) -> None:
    given = ("--tls-certificate", str(certificate.key), "--tls-key", str(certificate.certificate))
    assert start(tmp_path, *given) == (
        f"tls_certificate: {certificate.key} has no line with -----BEGIN CERTIFICATE-----; it must"
        " be PEM."
    )


def test_a_key_of_another_certificate_is_told(tmp_path: Path, certificate: Certificate) -> None:
    other = make_certificate(tmp_path / "other")
    given = ("--tls-certificate", str(certificate.certificate), "--tls-key", str(other.key))
    assert start(tmp_path, *given) == (
        f"tls_key: {other.key} is not the key of the certificate in {certificate.certificate}."
    )


def test_a_key_with_a_password_is_told_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    locked = make_certificate(tmp_path / "locked", password="open sesame")
    given = ("--tls-certificate", str(locked.certificate), "--tls-key", str(locked.key))
    assert start(tmp_path, *given) == f"tls_key: {locked.key} is encrypted; give one that is not."


def test_a_damaged_certificate_is_told(tmp_path: Path, certificate: Certificate) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    key = tmp_path / "key.pem"
    shutil.copy(certificate.key, key)
    told = start(tmp_path, "--tls-certificate", str(damaged), "--tls-key", str(key))
    assert told.startswith(f"tls_certificate {damaged} and tls_key {key} cannot be used: ")


def test_a_certificate_is_looked_at_before_the_port(
    safe: Server, tmp_path: Path, certificate: Certificate
) -> None:
    port = str(httpx2.URL(safe.address).port)
    given = ("--tls-certificate", str(tmp_path), "--tls-key", str(certificate.key), "--port", port)
    assert "cannot be read" in start(tmp_path, *given)


def test_the_private_key_is_in_no_output(safe: Server, certificate: Certificate) -> None:
    assert certificate.key.read_text().splitlines()[1] not in "".join(safe.output)
