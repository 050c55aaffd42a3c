"""What a command works on: a data folder of its own, or a running server.

A server owns its data folder, so there are two ways to the same ledger, and
every command that reads or writes one has the same four options for them.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx2
import msgspec
import typer

from tallybook.domain.errors import LedgerInUse
from tallybook.ledger.duckdb.engine import FILE_NAME
from tallybook.ledger.ledger import SealedLedger
from tallybook.ledger.opening import open_ledger, open_prices, prices_for_reading
from tallybook.pricing.source import PriceSource
from tallybook.settings import Settings, load_settings

URL_VARIABLE = "TALLYBOOK_URL"
KEY_VARIABLES = ("TALLYBOOK_ADMIN_KEY", "TALLYBOOK_INGEST_KEY")
# Long enough for a server that works its log into its file meanwhile.
TIMEOUT_SECONDS = 120

Url = Annotated[
    str | None,
    typer.Option(
        help=f"The address of a running server; also {URL_VARIABLE}. Without it, and with --data,"
        " the command opens the data folder itself.",
        show_default=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        help=f"A key of that server; also {' or '.join(KEY_VARIABLES)}.", show_default=False
    ),
]


class Refused(Exception):
    """A server answered with an error, or did not answer."""


class ServerTarget(msgspec.Struct, frozen=True):
    """A running server: its address without a slash at the end, and a key of it."""

    url: str
    key: str

    @contextmanager
    def connect(self) -> Iterator[httpx2.Client]:
        """A client of the server for the block. Raises Refused when it is not ready."""
        with httpx2.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=TIMEOUT_SECONDS,
        ) as client:
            try:
                ready = client.get("/readyz")
            except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
                raise Refused(f"{self.url} does not answer: {fault}") from fault
            if ready.is_error:
                raise Refused(message_of(ready))
            yield client


class FolderTarget(msgspec.Struct, frozen=True):
    """A data folder that no server owns."""

    settings: Settings

    @contextmanager
    def open(self) -> Iterator[SealedLedger]:
        """The folder's ledger for the block, made when missing, to store and to price events.

        Raises LedgerInUse, which says how to go on, and InvalidPrices.
        """
        with self._opened(open_prices(self.settings)) as ledger:
            yield ledger

    @contextmanager
    def read(self) -> Iterator[SealedLedger]:
        """The folder's ledger for the block, to be asked.

        Raises Refused when there is none, and LedgerInUse.
        """
        self.check_existing()
        with self._opened(prices_for_reading(self.settings)) as ledger:
            yield ledger

    @contextmanager
    def own(self, way: str, kept_tags: tuple[str, ...] | None = None) -> Iterator[SealedLedger]:
        """The folder's ledger for the block, for work that no server does for a command.

        ``way`` says how to go on when a server owns the folder. Raises
        Refused when there is no ledger, and LedgerInUse.
        """
        self.check_existing()
        with self._opened(prices_for_reading(self.settings), kept_tags, way) as ledger:
            yield ledger

    def check_existing(self) -> None:
        """Return when the folder holds a ledger; raise Refused when it does not."""
        if not (self.settings.data / FILE_NAME).exists():
            raise Refused(
                f"{self.settings.data} holds no ledger. Name the data folder (--data) or a running"
                " server (--url)."
            )

    @contextmanager
    def _opened(
        self, prices: PriceSource, kept_tags: tuple[str, ...] | None = None, way: str = ""
    ) -> Iterator[SealedLedger]:
        settings = self.settings
        try:
            ledger = open_ledger(settings, prices, kept_tags)
        except LedgerInUse as fault:
            address = f"http://{settings.host}:{settings.port}"
            way = way or f"add --url {address} --key KEY to this command."
            raise LedgerInUse(f"{fault.message} If it is a server: {way}") from fault
        try:
            yield ledger
        finally:
            ledger.close()


Target = ServerTarget | FolderTarget


def target_of(
    url: str | None,
    key: str | None,
    data: str | None,
    config: Path | None,
    environment: Mapping[str, str] = os.environ,
) -> Target:
    """What the options and the environment name; options come before the environment.

    Raises typer.BadParameter when both are named, or a server without a key.
    """
    if url and data:
        raise typer.BadParameter("--url and --data exclude each other: a server or a folder.")
    address = url or (None if data else environment.get(URL_VARIABLE))
    if not address:
        return FolderTarget(load_settings({"data": data}, environment, config))
    found = key or next(
        (environment[name] for name in KEY_VARIABLES if environment.get(name)), None
    )
    if not found:
        raise typer.BadParameter(
            f"{address} needs a key: give --key, or set {' or '.join(KEY_VARIABLES)}."
        )
    return ServerTarget(address.rstrip("/"), found)


class _Envelope(msgspec.Struct):
    """The part of an error's body that people read."""

    class Error(msgspec.Struct):
        """Its message."""

        message: str

    error: Error


def message_of(answer: httpx2.Response) -> str:
    """What an error's answer says to people."""
    try:
        return msgspec.json.decode(answer.content, type=_Envelope).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return f"{answer.url} answered {answer.status_code} {answer.reason_phrase}"
