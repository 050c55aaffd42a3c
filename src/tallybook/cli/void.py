"""``tallybook void``: events that stay, marked, and count no more."""

import time
from contextlib import closing
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from tallybook.cli.accounts import account_name, actor_here
from tallybook.cli.as_json import print_as_json
from tallybook.cli.asking import understood
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import FolderTarget, Key, Profile, Target, Url, target_of
from tallybook.domain.errors import InvalidType, InvalidValue, MissingParameter
from tallybook.domain.instants import from_seconds, iso, seconds_text
from tallybook.domain.voids import (
    VOIDED_TOGETHER_MAX,
    EventName,
    StoredEvent,
    checked_reason,
    read_time_us,
)
from tallybook.settings import Settings
from tallybook.usage.voiding import counting, full_names, meant, void_of, voided_events


class _Mark(msgspec.Struct):
    at: float
    by: str
    reason: str


class _Event(msgspec.Struct):
    id: str
    time: float
    kind: str
    voided: _Mark


class _Answer(msgspec.Struct):
    data: list[_Event]


_decode = msgspec.json.Decoder(_Answer).decode


def void(
    *,
    event_ids: Annotated[list[str], typer.Argument(metavar="EVENT_ID...", help="The events' ids.")],
    reason: Annotated[
        str, typer.Option(help="Why, for whoever asks later; it is kept with the event.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--time",
            help="Which one, where several events have the id: Unix seconds, as export has them, or"
            " a time with an offset.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the API's answer.")] = False,
) -> None:
    """Void events: they stay, marked, and leave every sum and cost. All of them, or none.

    What was voided stays void, and its identity stays taken: to correct an
    event, void it and send another under a new id.

    Example: tallybook void req_8f2c --reason "a test run, not traffic"
    """
    names, why = _wish(event_ids, at, reason)
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    body = _ask(target, names, why)
    console = Console(highlight=False)
    if as_json:
        print_as_json(msgspec.Raw(body), console)
        return
    for event in _decode(body).data:
        mark = event.voided
        console.print(
            f"[bold]{escape(event.id)}[/] at {iso(from_seconds(event.time))}: {event.kind}, void"
            f" since {iso(from_seconds(mark.at))} by {escape(mark.by)}: {escape(mark.reason)}",
            soft_wrap=True,
        )


def _wish(event_ids: list[str], at: str | None, reason: str) -> tuple[list[EventName], str]:
    """The names and the reason of a command line. Raises typer.BadParameter."""
    if at is not None and len(event_ids) > 1:
        raise typer.BadParameter("--time says which of the events with one id: name one EVENT_ID.")
    if len(event_ids) > VOIDED_TOGETHER_MAX:
        raise typer.BadParameter(
            f"{len(event_ids)} events are named, and at most {VOIDED_TOGETHER_MAX} are voided at"
            " once."
        )
    try:
        time_us = None if at is None else read_time_us(at)
        why = checked_reason(reason)
    except (InvalidType, InvalidValue, MissingParameter) as fault:
        raise typer.BadParameter(f"--{fault.message}") from fault
    return [EventName(each, time_us) for each in event_ids], why


def _ask(target: Target, names: list[EventName], reason: str) -> bytes:
    """The API's answer once the events are void, here or at a server."""
    if isinstance(target, FolderTarget):
        with target.read() as ledger:
            events = meant(ledger, names, None)
            if fresh := counting(events):
                now = time.time()
                _record(target.settings, fresh, reason, now)
                ledger.void(void_of(fresh, reason, account_name(), now))
                events = meant(ledger, full_names(events), None)
            return msgspec.json.encode(voided_events(events))
    with target.connect() as connection:
        headers = {"Content-Type": "application/json"}
        body = connection.post("/events/void", _body(names, reason), headers).body
        understood(connection, _decode, body)
        return body


def _body(names: list[EventName], reason: str) -> bytes:
    events: list[dict[str, Any]] = [
        {"id": name.id}
        if name.time_us is None
        else {"id": name.id, "time": msgspec.Raw(seconds_text(name.time_us).encode())}
        for name in names
    ]
    return msgspec.json.encode({"events": events, "reason": reason})


def _record(settings: Settings, events: list[StoredEvent], reason: str, now: float) -> None:
    """Have the audit log say what is about to be voided. Raises OrganizationUnavailable."""
    # The database's library takes a tenth of a second to import.
    from tallybook.organization.events_log import record_voids  # noqa: PLC0415
    from tallybook.organization.organization import open_organization  # noqa: PLC0415

    with closing(open_organization(settings.data, settings.organization_url)) as organization:
        record_voids(organization, actor_here(), now, events, reason)
