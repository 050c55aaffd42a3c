"""The settings: one table, from which the struct, the flags and the docs follow.

Values come from, later ones winning: the defaults below, ``tallybook.toml``,
the environment (``TALLYBOOK_`` and the name in capitals), the command line.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tallybook.domain.shown import shown

CONFIG_FILE = "tallybook.toml"
ENVIRONMENT_PREFIX = "TALLYBOOK_"

_MIB = 1 << 20
# The fewest days that events are kept: whoever posts late, and corrects the month before, is in it.
RETENTION_DAYS_MIN = 35
_INTEGER = re.compile(r"-?[0-9]{1,18}")


class Setting(msgspec.Struct, frozen=True):
    """One setting: its name, type, default, unit and what it does. A secret is never shown."""

    name: str
    type: type
    default: Any
    unit: str
    help: str
    secret: bool = False
    minimum: int = 0
    maximum: int | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("data", str, "./tallybook-data", "folder", "Where the ledger and the keys live."),
    Setting(
        "prices",
        str,
        "",
        "file",
        "The price file; empty: prices.toml in the data folder, when it is there.",
    ),
    Setting("host", str, "127.0.0.1", "address", "The address to listen on."),
    Setting("port", int, 8321, "port", "The port to listen on; 0 takes a free one."),
    Setting(
        "tls_certificate",
        str,
        "",
        "file",
        "The certificate of this server and those that vouch for it, in PEM: serve https; empty:"
        " serve http.",
    ),
    Setting("tls_key", str, "", "file", "The private key of that certificate, in PEM."),
    Setting(
        "forwarded_allow_ips",
        str,
        "",
        "addresses",
        "Proxies, addresses or networks separated by commas, whose X-Forwarded-For and"
        " X-Forwarded-Proto are believed; empty: nobody's are.",
    ),
    Setting(
        "admin_key",
        str,
        "",
        "key",
        "The admin key, starting with sk-admin-; empty: made at the first start, printed once.",
        secret=True,
    ),
    Setting(
        "ingest_key",
        str,
        "",
        "key",
        "A key that may only post events, starting with sk-ingest-; empty: made and printed"
        " like the admin key.",
        secret=True,
    ),
    Setting(
        "organization_id",
        str,
        "",
        "id",
        "Refuse requests whose OpenAI-Organization header names another; empty: accept any.",
    ),
    Setting(
        "organization_url",
        str,
        "",
        "URL",
        "The database of projects, people and keys, as postgresql+psycopg://USER@HOST/NAME; empty:"
        " a SQLite file in the data folder.",
        secret=True,
    ),
    Setting(
        "session_secret",
        str,
        "",
        "text",
        "What sessions of the dashboard are signed with, at least 32 random characters, the same on"
        " all servers that share them; empty: made at each start, so that sessions end with it.",
        secret=True,
    ),
    Setting(
        "body_bytes_max",
        int,
        32 * _MIB,
        "bytes",
        "The largest request body, as sent and unpacked.",
        minimum=1024,
    ),
    Setting(
        "header_bytes_max",
        int,
        64 << 10,
        "bytes",
        "The largest head of a request: its address and its headers together.",
        minimum=4096,
    ),
    Setting(
        "receive_seconds_max",
        int,
        20,
        "seconds",
        "How long the head of a request may take to come, and how long its body may come at fewer"
        " than 500 bytes a second.",
        minimum=1,
    ),
    Setting(
        "requests_per_minute_max",
        int,
        0,
        "requests",
        "How many requests a key may make per minute, of each server; 0: any number. What a key has"
        " of its own wins.",
    ),
    Setting("events_max", int, 100_000, "events", "The most events of one request.", minimum=1),
    Setting(
        "queue_bytes_max",
        int,
        64 * _MIB,
        "bytes",
        "How much may wait to be stored before requests are told to come back later; less, when"
        " that would take longer than a moment.",
        minimum=1024,
    ),
    Setting(
        "receiving_bytes_max",
        int,
        128 * _MIB,
        "bytes",
        "How much of bodies that come in, or wait to be read, is held in memory before requests"
        " are told to come back later; at least body_bytes_max.",
        minimum=1024,
    ),
    Setting(
        "connections_max",
        int,
        1_000,
        "connections",
        "How many connections may be open; those beyond are answered 503 and closed.",
        minimum=1,
    ),
    Setting(
        "memory_max_bytes",
        int,
        0,
        "bytes",
        "The engine's memory limit; 0: half of the machine's, at most 4 GiB.",
    ),
    Setting("threads", int, 0, "threads", "The engine's threads; 0: one per core."),
    Setting(
        "log_bytes_max",
        int,
        32 * _MIB,
        "bytes",
        "How large the write-ahead log may grow before it is worked into the ledger's file, where"
        " the disk has room: more means rarer pauses and a longer start after a crash.",
        minimum=_MIB,
    ),
    Setting(
        "query_seconds_max",
        int,
        30,
        "seconds",
        "How long a query may take, waiting for other queries included, before it is stopped.",
        minimum=1,
    ),
    Setting(
        "queries_waiting_max",
        int,
        200,
        "queries",
        "How many queries may wait for their turn before more are told to come back later.",
    ),
    Setting(
        "seal_grace_seconds",
        int,
        600,
        "seconds",
        "How long after its end an hour is sealed: events that come later are counted all the same,"
        " and the hour is sealed again.",
    ),
    Setting(
        "kept_tags",
        str,
        "",
        "names",
        "Tags that sums are kept by, separated by commas: questions about them are answered fast."
        " Every tag can be asked for; the others are read from the events.",
    ),
    Setting(
        "retention_days",
        int,
        0,
        "days",
        "Events that are older are let go, a day (UTC) at a time, and their sums stay; from"
        f" {RETENTION_DAYS_MIN} on; 0: everything is kept.",
    ),
    Setting(
        "retention_archive",
        int,
        1,
        "0 or 1",
        "1: the events that are let go are kept as Parquet in the data folder's archive; 0: they"
        " are gone.",
        maximum=1,
    ),
    Setting(
        "metrics_open",
        int,
        0,
        "0 or 1",
        "1: /metrics needs no key, for a network on which everyone may see it; 0: a key with the"
        " scope api.usage.read that is bound to no project.",
        maximum=1,
    ),
    Setting(
        "slow_request_seconds",
        int,
        5,
        "seconds",
        "Requests that take as long are written to the log; 0: none for its time.",
    ),
    Setting(
        "shutdown_seconds",
        int,
        10,
        "seconds",
        "How long a server may take to stop: to finish its requests, and to close the ledger. Then"
        " it ends as it is, with everything on disk that it acknowledged.",
        minimum=1,
    ),
)

BY_NAME = {setting.name: setting for setting in SETTINGS}


class InvalidSetting(ValueError):
    """A setting has an impossible value, or a name that no setting has."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force; see ``SETTINGS`` for what each means."""

    data: Path
    # Null when the data folder's own is meant.
    prices: Path | None
    host: str
    port: int
    # Null when the server is to serve http.
    tls_certificate: Path | None
    tls_key: Path | None
    forwarded_allow_ips: tuple[str, ...]
    admin_key: str
    ingest_key: str
    organization_id: str
    organization_url: str
    session_secret: str
    body_bytes_max: int
    header_bytes_max: int
    receive_seconds_max: int
    requests_per_minute_max: int
    events_max: int
    queue_bytes_max: int
    receiving_bytes_max: int
    connections_max: int
    memory_max_bytes: int
    threads: int
    log_bytes_max: int
    query_seconds_max: int
    queries_waiting_max: int
    seal_grace_seconds: int
    kept_tags: tuple[str, ...]
    retention_days: int
    retention_archive: int
    metrics_open: int
    slow_request_seconds: int
    shutdown_seconds: int

    def __repr__(self) -> str:
        """The settings without their secrets."""
        shown = ", ".join(
            f"{setting.name}={'***' if setting.secret else getattr(self, setting.name)!r}"
            for setting in SETTINGS
        )
        return f"Settings({shown})"


def load_settings(
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    config: Path | None = None,
) -> Settings:
    """The settings in force. ``flags`` that are None were not given.

    Without ``config``, ``tallybook.toml`` of the current folder is read when
    it is there. Raises InvalidSetting, naming the setting and its source.
    """
    values = {setting.name: setting.default for setting in SETTINGS}
    for source, given in (
        _from_file(config),
        ("environment", _from_environment(environment)),
        ("command line", {name: value for name, value in flags.items() if value is not None}),
    ):
        for name, value in given.items():
            values[name] = _checked(name, value, source)
    values["data"] = Path(values["data"])
    for name in ("prices", "tls_certificate", "tls_key"):
        values[name] = Path(values[name]) if values[name] else None
    for name in ("forwarded_allow_ips", "kept_tags"):
        parts = (part.strip() for part in values[name].split(","))
        values[name] = tuple(dict.fromkeys(part for part in parts if part))
    return Settings(**values)


def _from_file(config: Path | None) -> tuple[str, dict[str, Any]]:
    path = config or Path(CONFIG_FILE)
    if config is None and not path.exists():
        return str(path), {}
    try:
        return str(path), tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        # What is no TOML or no text, and numbers and nesting beyond what the parser takes.
        raise InvalidSetting(f"{path} cannot be read: {fault}.") from fault


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environment[variable]
        for name in BY_NAME
        if (variable := ENVIRONMENT_PREFIX + name.upper()) in environment
    }


def _checked(name: str, value: Any, source: str) -> Any:
    """The value in its setting's type. Raises InvalidSetting."""
    setting = BY_NAME.get(name)
    if setting is None:
        raise InvalidSetting(
            f"{source}: {name} is not a setting; the settings are {', '.join(BY_NAME)}."
        )
    if setting.type is str:
        if not isinstance(value, str | Path):
            raise InvalidSetting(f"{source}: {name} is {shown(value)}; it must be a string.")
        return str(value)
    # A string from the environment; an integer from a file or a flag, but not true or 1.0.
    text = value if isinstance(value, str) else shown(value)
    if not _INTEGER.fullmatch(text) or isinstance(value, bool):
        raise InvalidSetting(
            f"{source}: {name} is {shown(value)}; it must be a whole number of {setting.unit}."
        )
    number = int(text)
    if number < setting.minimum:
        raise InvalidSetting(
            f"{source}: {name} is {number} {setting.unit}; it must be at least {setting.minimum}."
        )
    if name == "retention_days" and 0 < number < RETENTION_DAYS_MIN:
        raise InvalidSetting(
            f"{source}: {name} is {number}; it must be 0, or at least {RETENTION_DAYS_MIN}."
        )
    if setting.maximum is not None and number > setting.maximum:
        raise InvalidSetting(f"{source}: {name} is {number}; it must be at most {setting.maximum}.")
    return number
