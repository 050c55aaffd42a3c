"""What a command works on: a running server, or a data folder. One choice for all of them."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tallybook.cli.completing import profile_names
from tallybook.cli.profiles import PROFILE_VARIABLE, chosen_profile
from tallybook.client.connection import Connection
from tallybook.client.retrying import RetryPolicy
from tallybook.domain.errors import LedgerInUse
from tallybook.ledger.duckdb.files import FILE_NAME
from tallybook.ledger.sealable import SealedLedger
from tallybook.settings import Settings, load_settings

if TYPE_CHECKING:
    from tallybook.pricing.source import PriceSource

URL_VARIABLE = "TALLYBOOK_URL"
KEY_VARIABLES = ("TALLYBOOK_ADMIN_KEY", "TALLYBOOK_INGEST_KEY")
# Long enough for a server that works its log into its file meanwhile.
TIMEOUT_SECONDS = 120.0

# For people who wait for an answer.
SOON = RetryPolicy()
# For what must not be done twice.
ONCE = RetryPolicy(retries_max=0)

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
Profile = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"The ledger that tallybook profiles has by this name; also {PROFILE_VARIABLE}.",
        show_default=False,
        autocompletion=profile_names,
    ),
]


class NoLedger(Exception):
    """The data folder holds no ledger."""


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is asked: how patiently, and how it is waited for between attempts."""

    retry: RetryPolicy = SOON
    timeout_seconds: float = TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep


class ServerTarget(msgspec.Struct, frozen=True):
    """A running server: its address, and a key of it."""

    url: str
    key: str

    def __repr__(self) -> str:
        return f"ServerTarget({self.url!r})"

    @contextmanager
    def connect(self, manner: Manner = Manner()) -> Iterator[Connection]:
        """A connection for the block.

        Raises typer.BadParameter for an address or a key that cannot be one.
        """
        try:
            connection = Connection(
                self.url,
                self.key,
                retry=manner.retry,
                timeout_seconds=manner.timeout_seconds,
                sleep=manner.sleep,
            )
        except ValueError as fault:
            raise typer.BadParameter(f"{fault}") from fault
        with connection:
            yield connection


class FolderTarget(msgspec.Struct, frozen=True):
    """A data folder that no server owns.

    The engine and the catalogue are imported when it is opened: a command that asks a server
    is there in half the time without them.
    """

    settings: Settings

    @contextmanager
    def open(self) -> Iterator[SealedLedger]:
        """The folder's ledger for the block, made when missing, to store and to price events.

        Raises LedgerInUse, which says how to go on, and InvalidPrices.
        """
        from tallybook.ledger.opening import open_prices  # noqa: PLC0415

        with self._opened(open_prices(self.settings)) as ledger:
            yield ledger

    def read(self) -> AbstractContextManager[SealedLedger]:
        """The folder's ledger for the block, to be asked.

        Raises NoLedger when there is none, and LedgerInUse.
        """
        return self.own("")

    @contextmanager
    def own(self, way: str, kept_tags: tuple[str, ...] | None = None) -> Iterator[SealedLedger]:
        """The folder's ledger for the block, for work that no server does for a command.

        ``way`` says how to go on when a server owns the folder; empty: by asking it. Raises
        NoLedger when there is none, and LedgerInUse.
        """
        from tallybook.ledger.opening import prices_for_reading  # noqa: PLC0415

        self.check_existing()
        with self._opened(prices_for_reading(self.settings), kept_tags, way) as ledger:
            yield ledger

    def check_existing(self) -> None:
        """Return when the folder holds a ledger; raise NoLedger when it does not."""
        if not (self.settings.data / FILE_NAME).exists():
            raise NoLedger(
                f"{self.settings.data} holds no ledger. Name the data folder (--data), a running"
                " server (--url) or a profile (--profile)."
            )

    @contextmanager
    def _opened(
        self, prices: "PriceSource", kept_tags: tuple[str, ...] | None = None, way: str = ""
    ) -> Iterator[SealedLedger]:
        from tallybook.ledger.opening import open_ledger  # noqa: PLC0415

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
    *,
    url: str | None = None,
    key: str | None = None,
    data: str | None = None,
    config: Path | None = None,
    profile: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Target:
    """What the options, a profile and the environment name, in this order.

    An address and its key go together: a profile's key is sent to no other
    address. Raises typer.BadParameter when two ledgers are named, or a server
    without a key, and InvalidProfiles.
    """
    if sum(map(bool, (url, data, profile))) > 1:
        raise typer.BadParameter("--url, --data and --profile exclude each other: name one ledger.")
    if not url and not data and (chosen := chosen_profile(profile, environment)):
        url, data, key = chosen.url, chosen.data, key or chosen.key
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
    return ServerTarget(address, found)


def folder_of(
    data: str | None,
    config: Path | None,
    profile: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """The settings of the data folder that options, a profile and the environment name.

    For what works on a folder alone. Raises typer.BadParameter for a profile
    of a server, and InvalidProfiles.
    """
    if data and profile:
        raise typer.BadParameter("--data and --profile exclude each other: name one folder.")
    if not data and (chosen := chosen_profile(profile, environment)):
        if chosen.data is None:
            raise typer.BadParameter(
                f"Profile {chosen.name} is a server; this works on a data folder that no server"
                " owns: give --data."
            )
        data = chosen.data
    return load_settings({"data": data}, environment, config)
