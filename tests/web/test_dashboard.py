"""The dashboard's page and files over HTTP, whether it is built or not."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from support.inprocess import serving
from support.ledgers import opened
from support.raw import answers, exchange
from tallybook.web.dashboard_files import read_dashboard

SCRIPT = b"console.log('built')\n" * 100
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    (folder / "index.html").write_text("<!doctype html><title>Tallybook</title>")
    (folder / "secret.txt").write_text("not an asset")
    assets = folder / "assets"
    assets.mkdir()
    (assets / "index-5f3e.js").write_bytes(SCRIPT)
    (assets / "style-77aa.css").write_text("body{}")
    return folder


@pytest.fixture(scope="module")
def http(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    folder = tmp_path_factory.mktemp("data")
    dashboard = read_dashboard(built)
    with opened(folder) as ledger, serving(ledger, folder, dashboard=dashboard) as client:
        yield client


def test_the_page_is_asked_for_each_time_and_allows_its_own_files_alone(
    http: httpx2.Client,
) -> None:
    answer = http.get("/", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.text == "<!doctype html><title>Tallybook</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("index-5f3e.js", "text/javascript"), ("style-77aa.css", "text/css")],
)
def test_a_file_is_kept_for_good(http: httpx2.Client, name: str, media_type: str) -> None:
    answer = http.get(f"/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_file_comes_packed(http: httpx2.Client) -> None:
    answer = http.get("/assets/index-5f3e.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == SCRIPT
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets",
        "/assets/none.js",
        "/assets/../index.html",
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/%2e%2e%2fsecret.txt",
        "/assets/..%5csecret.txt",
        "/assets/%2fetc%2fpasswd",
        "/assets//etc/passwd",
        "/assets/index-5f3e.js/",
        "/assets/index-5f3e.js%00",
        "/assets/INDEX-5f3e.js",
        "/index.html",
        "/secret.txt",
    ],
)
def test_what_is_not_the_name_of_a_file_is_not_there(http: httpx2.Client, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    (answer,) = answers(exchange(str(http.base_url), request))
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_server_without_a_build_says_how_to_build(tmp_path: Path) -> None:
    empty = read_dashboard(tmp_path / "static")
    with opened(tmp_path) as ledger, serving(ledger, tmp_path, dashboard=empty) as client:
        answer = client.get("/")
        assert answer.status_code == 200
        assert "make serve" in answer.text
        assert client.get("/assets/index-5f3e.js").status_code == 404
