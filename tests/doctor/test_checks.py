"""Every check of the doctor: where it is well, where it warns, and where it fails."""

from pathlib import Path

import msgspec
import pytest

from support.events import DAY
from tallybook.doctor.checks import CHECKS, Check, Verdict, examine
from tallybook.doctor.facts import (
    Clock,
    Disk,
    Facts,
    Folder,
    KeyFound,
    Machine,
    Prices,
    Versions,
)
from tallybook.ledger.condition import Condition
from tallybook.settings import load_settings

GIB = 1 << 30
DAY_SECONDS = 86_400
NAMES = (
    "folder", "disk", "clock", "versions", "seals", "prices", "unpriced", "keys", "settings",
    "files",
)  # fmt: skip


USED = KeyFound(
    id="key_1",
    name="one",
    created_at=DAY - 60 * DAY_SECONDS,
    expires_at=None,
    last_used_at=DAY - 9,
)


def key(**fields: int | None) -> KeyFound:
    return msgspec.structs.replace(USED, **fields)


WELL = Facts(
    now=float(DAY),
    settings=load_settings({}, environment={}, config=None),
    folder=Folder(path="/data", exists=True, mode=0o700, owner=7, asker=7, writable=True),
    machine=Machine(cores=4, memory_bytes=16 * GIB, files_max=65_536),
    versions=Versions(
        tallybook="1.0", python=(3, 12, 1), duckdb="2.0", data=4, data_known=4, dashboard_built=True
    ),
    clock=Clock(newest_file_at=DAY - 10, zones=599),
    disk=Disk(free_bytes=100 * GIB, total_bytes=200 * GIB, ledger_bytes=GIB, log_bytes=0),
    prices=Prices(release="genai-prices 1", installed_at=DAY - 9, file_changed_at=None, fault=None),
    ledger=Condition(
        version=4,
        engine="DuckDB 2.0",
        memory_bytes=1,
        memory_max_bytes=GIB,
        newest_hour=DAY - 3_600,
        oldest_due=None,
        newest_seal_us=(DAY - 100) * 1_000_000,
        hours_sealed=48,
        days_sealed=2,
    ),
    unpriced=0,
    keys=(key(),),
)


def changed(part: str, **fields: object) -> Facts:
    """The facts of an installation that is well, but for some of a part."""
    found = msgspec.structs.replace(getattr(WELL, part), **fields)
    return msgspec.structs.replace(WELL, **{part: found})


def with_(**parts: object) -> Facts:
    return msgspec.structs.replace(WELL, **parts)


def check(facts: Facts, name: str) -> Check:
    (found,) = [each for each in examine(facts).checks if each.name == name]
    return found


def test_an_installation_that_is_well_is_told_so() -> None:
    found = examine(WELL)
    assert found.verdict is Verdict.OK
    assert [each.name for each in found.checks] == list(NAMES)
    assert {(each.verdict, each.advice) for each in found.checks} == {(Verdict.OK, "")}


FAILS: dict[str, list[Facts]] = {
    "folder": [
        changed("folder", exists=False),
        changed("folder", writable=False),
        changed("folder", mode=0o770),
        changed("folder", mode=0o702),
    ],
    "disk": [changed("disk", free_bytes=(64 << 20) - 1)],
    "clock": [
        changed("ledger", newest_seal_us=(DAY + 6) * 1_000_000),
        changed("clock", newest_file_at=DAY + 6),
        changed("clock", zones=0),
    ],
    "versions": [changed("versions", python=(3, 10, 9)), changed("versions", data=5)],
    "prices": [changed("prices", fault="prices.toml, line 4: no")],
    "settings": [
        changed("machine", memory_bytes=GIB // 32),
        changed("settings", memory_max_bytes=16 * GIB),
    ],
}
WARNS: dict[str, list[Facts]] = {
    "folder": [changed("folder", mode=0o755, open_to_others=("ledger.duckdb",))],
    "disk": [changed("disk", free_bytes=(256 << 20) - 1), with_(disk=None)],
    "clock": [changed("ledger", newest_hour=DAY + 3 * 3_600)],
    "versions": [changed("versions", data=3), changed("versions", dashboard_built=False)],
    "seals": [changed("ledger", oldest_due=DAY - 5 * 3_600), with_(ledger=None)],
    "prices": [changed("prices", installed_at=DAY - 61 * DAY_SECONDS), with_(prices=None)],
    "unpriced": [with_(unpriced=1), with_(unpriced=None)],
    "keys": [
        with_(keys=(key(expires_at=DAY + 13 * DAY_SECONDS),)),
        with_(keys=(key(last_used_at=None),)),
        with_(keys=None),
    ],
    "settings": [changed("settings", threads=5), changed("settings", body_bytes_max=65 << 20)],
    "files": [changed("machine", files_max=256)],
}


@pytest.mark.parametrize(
    ("name", "facts", "verdict"),
    [
        (name, facts, verdict)
        for verdict, cases in ((Verdict.FAIL, FAILS), (Verdict.WARN, WARNS))
        for name, several in cases.items()
        for facts in several
    ],
)
def test_what_is_not_well_is_told_with_what_to_do(
    name: str, facts: Facts, verdict: Verdict
) -> None:
    found = check(facts, name)
    assert (found.verdict, bool(found.advice)) == (verdict, True)
    # And nothing else is blamed for it.
    others = {each.name for each in examine(facts).checks if each.verdict is not Verdict.OK}
    assert others == {name} or with_(ledger=None) == facts
    assert examine(facts).verdict is verdict


WELL_STILL: list[tuple[str, Facts]] = [
    ("disk", changed("disk", free_bytes=256 << 20)),
    ("clock", changed("ledger", newest_seal_us=(DAY + 5) * 1_000_000)),
    ("clock", changed("clock", newest_file_at=None)),
    ("seals", changed("ledger", oldest_due=DAY - 2 * 3_600)),
    ("prices", changed("prices", installed_at=None)),
    ("keys", with_(keys=(key(expires_at=DAY - 1), key(expires_at=DAY + 14 * DAY_SECONDS)))),
    ("keys", with_(keys=(key(last_used_at=None, created_at=DAY - 29 * DAY_SECONDS),))),
    ("versions", changed("versions", data=None)),
    ("folder", changed("folder", mode=0o755)),
]


@pytest.mark.parametrize(("name", "facts"), WELL_STILL)
def test_what_is_just_within_is_well(name: str, facts: Facts) -> None:
    assert check(facts, name).verdict is Verdict.OK


def test_every_check_is_tried_where_it_is_not_well_and_is_on_the_page() -> None:
    assert {*FAILS, *WARNS} == set(NAMES)
    assert len(CHECKS) == len(NAMES)
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    assert all(f"| `{name}` |" in page for name in NAMES)


def test_a_long_list_of_keys_is_cut() -> None:
    many = tuple(key(expires_at=DAY + 9) for _ in range(8))
    assert check(with_(keys=many), "keys").found.endswith("and 3 more")
