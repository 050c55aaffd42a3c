"""What is restored is what was backed up: every event, price, sum, key and entry."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backup.keeping import files, restored, rows, take
from support import streams
from support.events import DAY, event
from support.ledgers import amounts, opened, store
from support.made_keys import audited, made_key, organization_of
from tallybook.backup.checking import faults_of
from tallybook.ledger.ledger import RepriceWish
from tallybook.organization.live_keys import LiveKeys
from tallybook.organization.projects import create_project
from tallybook.organization.records import Actor, Means
from tallybook.organization.users import add_user

PRICES = """
[[price]]
model = "alpha"
input = "{} / 1M tokens"
output = "8 / 1M tokens"
"""
TABLES = ("events", "rate_cards", "rates", "repricings", "used_columns")
# So that the last of their days is over by the clock of ``store``.
BASE = DAY - 4 * 86_400
GROUPS = ("project_id", "model")


def peopled(folder: Path) -> str:
    """Put projects, people and a key into a folder; the key's secret."""
    with (
        organization_of(folder) as organization,
        organization.changing(Actor(means=Means.SERVER), DAY) as change,
    ):
        create_project(change, "Атлас", chosen_id="proj_atlas")
        add_user(change, name="Ada", email="ada@example.com", role="owner")
    _, secret = made_key(folder, name="kept", projects=("proj_atlas",))
    return secret


def is_known(folder: Path, secret: str) -> bool:
    with organization_of(folder) as organization:
        return LiveKeys(organization, {}).caller_of(secret, DAY + 1) is not None


@st.composite
def scenarios(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [event | {"time": BASE + event["time"]} for event in draw(streams.scenarios())[0]]


@settings(streams.UNHURRIED, max_examples=12)
@given(events=scenarios(), later=scenarios(), over_a_wire=st.booleans())
def test_what_is_restored_equals_its_source(
    events: list[dict[str, Any]], later: list[dict[str, Any]], over_a_wire: bool
) -> None:
    model = {(event["id"], event["time"]): event for event in reversed([*events, *later])}
    first = {key: event for key, event in model.items() if event in events}
    with TemporaryDirectory() as name:
        source, target, copy = (Path(name) / each for each in ("source", "target", "copy"))
        source.mkdir()
        secret = peopled(source)
        with opened(source, PRICES.format(3)) as ledger:
            store(ledger, *first.values())
            take(ledger, source, target, over_a_wire=over_a_wire)
        with opened(source, PRICES.format(5)) as ledger:
            ledger.reprice(RepriceWish(since=0, until=DAY + 9 * 86_400, apply=True, who="a"))
            if rest := [event for key, event in model.items() if key not in first]:
                store(ledger, *rest)
            written = take(ledger, source, target, over_a_wire=over_a_wire)
            sums = amounts(ledger, *GROUPS, start=BASE, end=BASE + 9 * 86_400)
        assert faults_of(target) == []
        days = restored(target, copy)
        assert [(day.day, day.digest) for day in days] == [
            (day.day, day.digest) for day in written.manifest.days
        ]
        assert sum(day.events for day in days) == len(model)
        for table in TABLES:
            assert rows(copy, table) == rows(source, table)
        assert (copy / "prices.toml").read_text() == PRICES.format(5)
        assert is_known(copy, secret)
        assert audited(copy) == audited(source)
        with opened(copy) as ledger:
            assert amounts(ledger, *GROUPS, start=BASE, end=BASE + 9 * 86_400) == sums
            # What was restored is backed up as the same days: nothing of them is written again.
            again = take(ledger, copy, target)
        assert [day.digest for day in again.manifest.days] == [day.digest for day in days]
        assert not any(
            path.startswith("days")
            for path in files(target).keys() - {day.file.path for day in written.manifest.days}
        )


def test_a_day_that_was_priced_again_is_written_again(tmp_path: Path) -> None:
    """As many events, under the same names, with other rate cards."""
    source, target, copy = (tmp_path / each for each in ("source", "target", "copy"))
    source.mkdir()
    events = [
        event(id="a", model="alpha"),
        event("images", id="b", time=DAY - 86_400),
    ]
    with opened(source, PRICES.format(3)) as ledger:
        store(ledger, *events)
        before = take(ledger, source, target).manifest
    with opened(source, PRICES.format(5)) as ledger:
        ledger.reprice(RepriceWish(since=0, until=DAY + 86_400, apply=True, who="a"))
        after = take(ledger, source, target).manifest
    assert before.days[0] == after.days[0]
    assert before.days[1].digest != after.days[1].digest
    restored(target, copy)
    for table in TABLES:
        assert rows(copy, table) == rows(source, table)
