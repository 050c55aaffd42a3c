"""``tallybook watch`` without a clock, a terminal or a ledger: what is seen, and what is shown."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from rich.console import Console

from support.events import DAY
from tallybook.cli.target import NoLedger
from tallybook.cli.watching.loop import PASSING, looked, watched
from tallybook.cli.watching.seen import Seen, seen, shown_quantities
from tallybook.cli.watching.view import Screen, render
from tallybook.client.errors import BadRequest, NoAnswer, ServerError, Unauthorized
from tallybook.domain.errors import LedgerInUse
from tallybook.domain.kinds import KINDS
from tallybook.usage.pages import Bucket, Result

UNPRICED = "no price for all they used, which adds nothing here: tallybook prices list --unpriced"

KIND = KINDS["completions"]
AT = DAY + 9 * 3_600 + 48 * 60 + 12


def used(model: str | None, requests: int, tokens: int, *, other: bool = False) -> Result:
    return {
        "model": model,
        "num_model_requests": requests,
        "input_tokens": tokens,
        "output_tokens": tokens // 10,
        "other": other,
    }


def spent(model: str | None, amount: str, currency: str = "usd", *, other: bool = False) -> Result:
    return {
        "model": model,
        "amount": {"value": Decimal(amount), "currency": currency},
        "currency": currency,
        "other": other,
    }


def minutes(*results: list[Result]) -> list[Bucket]:
    return [Bucket(DAY + 60 * n, DAY + 60 * (n + 1), each) for n, each in enumerate(results)]


MINUTES = minutes(
    [used("gpt-5.5", 4, 8_000)],
    [],
    [used("gpt-5.5", 1, 500), used("o[1]", 8, 1_234_567), used(None, 2, 70, other=True)],
)
TODAY = minutes([spent("gpt-5.5", "1.25"), spent("o[1]", "30.5"), spent(None, "0.0042")])


def look(of: list[Bucket] = MINUTES, today: list[Bucket] = TODAY, unpriced: int = 0) -> Seen:
    return seen(AT, KIND, ("model",), of, today=today, unpriced=unpriced)


def screen(found: Seen | None = None, **more: Any) -> Screen:
    asked: dict[str, Any] = {
        "where": "http://127.0.0.1:8321",
        "kind": KIND,
        "group_by": ("model",),
        "zone": "UTC",
        "seen": found or look(),
    }
    return Screen(**(asked | more))


def lines(of: Screen, width: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width, highlight=False).print(render(of, width))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def test_the_view_has_sums_costs_and_courses_by_group() -> None:
    assert lines(screen(look(unpriced=3)), 100) == [
        "completions by model, the last 3 minutes  09:48:12 UTC, http://127.0.0.1:8321",
        "",
        "                           input    output     cost",
        "  model     requests      tokens    tokens    today   per minute",
        " ────────────────────────────────────────────────────────────────",
        "  o[1]             8   1,234,567   123,456   $30.50   ▁▁█",
        "  gpt-5.5          5       8,500       850    $1.25   █▁▃",
        "  (other)          2          70         7            ▁▁█",
        " ────────────────────────────────────────────────────────────────",
        "  total           15   1,243,137   124,313   $31.75   ▄▁█",
        "",
        "5.0 requests a minute. Cost so far today, of all kinds: $31.75",
        f"3 events have {UNPRICED}",
    ]


def test_a_narrow_terminal_has_fewer_columns_and_shorter_names_and_whole_numbers() -> None:
    long = look(minutes([used("a-very-long-name-" + "x" * 80, 1_234_567, 9_876_543_210)]))
    for width, shown in (
        (100, ("requests", "input", "output", "cost", "per minute")),
        (60, ("requests", "input", "cost")),
        (40, ("requests", "cost")),
    ):
        found = lines(screen(long), width)
        assert max(map(len, found)) <= width
        text = "\n".join(found)
        assert [name for name in shown if name not in text] == []
        assert "1,234,567" in text
        assert "a-ver" in text
        assert ("9,876,543,210" in text) is ("input" in shown)
        # A number is there as a whole, or its column is not.
        assert "…" not in text.replace("a-very-long-name-", "").split("total")[1]


def test_nothing_is_said_to_be_nothing() -> None:
    assert lines(screen(look(minutes([], []), [])), 80) == [
        "completions by model, the last 2 minutes  09:48:12 UTC, http://127.0.0.1:8321",
        "",
        "  Nothing of kind completions in the last 2 minutes.",
        "",
        "0.0 requests a minute. Cost so far today, of all kinds: $0",
    ]


def test_a_fault_stands_below_what_was_seen_before_it() -> None:
    away = screen(fault="http://x/v1 was not reached: [refused].", fault_at=AT + 60)
    found = " ".join(" ".join(lines(away, 200)).split())
    assert "o[1] 8 1,234,567" in found
    assert found.endswith(
        "Since 09:49:12: http://x/v1 was not reached: [refused]. Trying again; what is shown is of"
        " 09:48:12."
    )


def test_currencies_are_never_added_up() -> None:
    both = [spent("gpt-5.5", "2"), spent("gpt-5.5", "3.5", "eur"), spent("o[1]", "1")]
    found = lines(screen(look(today=minutes(both))), 100)
    (first,) = (place for place, line in enumerate(found) if "gpt-5.5" in line)
    assert found[first].split()[4:] == ["3.50", "eur", "█▁▃"]
    assert found[first + 1].split() == ["$2.00"]
    assert found[-1].endswith("Cost so far today, of all kinds: 3.50 eur, $3.00")


def test_times_are_by_the_clocks_of_the_zone() -> None:
    assert "11:48:12 Europe/Paris" in lines(screen(zone="Europe/Paris"), 120)[0]


def test_a_group_that_cost_nothing_is_told_from_one_of_which_nothing_is_known() -> None:
    known = look(today=minutes([spent("gpt-5.5", "1")]))
    assert known.groups[0].costs == {}
    assert known.groups[2].costs is None
    cut = look(today=minutes([spent("gpt-5.5", "1"), spent(None, "9", other=True)]))
    assert cut.groups[0].costs is None
    assert cut.total.costs == {"usd": Decimal(10)}


def test_what_is_left_is_not_the_group_without_a_name() -> None:
    mixed = look(minutes([used(None, 1, 1), used(None, 9, 9, other=True)]))
    assert [group.keys for group in mixed.groups] == [(None,), None]
    assert mixed.total.sums["num_model_requests"] == 10


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "vector_stores"])
def test_every_flow_can_be_seen(kind: str) -> None:
    names = shown_quantities(KINDS[kind])
    assert names
    result = {"model": "m", "other": False} | {q.name: 7 for q in KINDS[kind].wire_quantities}
    found = seen(AT, KINDS[kind], ("model",), minutes([result]), today=[], unpriced=0)
    assert dict(found.total.sums) == dict.fromkeys(names, 7)
    assert "total" in "\n".join(lines(screen(found, kind=KINDS[kind]), 100))


class EndError(Exception):
    """The end of a script."""


def script(*outcomes: Seen | Exception) -> Callable[[], Seen]:
    """Looks that see, or fail, one after the other."""
    left = iter(outcomes)

    def look() -> Seen:
        found = next(left, EndError())
        if isinstance(found, Exception):
            raise found
        return found

    return look


def test_a_server_that_goes_away_is_waited_for_and_seen_again() -> None:
    shown: list[Screen] = []
    pauses: list[None] = []
    times = iter((AT + 2.5, AT + 4.5))
    later = msgspec.structs.replace(look(), at=AT + 6)
    with pytest.raises(EndError):
        watched(
            screen(),
            look=script(NoAnswer("away"), ServerError("starting", status=503), later),
            show=shown.append,
            clock=lambda: next(times),
            pause=lambda: pauses.append(None),
        )
    assert [(each.fault, each.fault_at, each.seen.at) for each in shown] == [
        (None, 0, AT),
        ("away", AT + 2, AT),
        # Since the first fault, and with the words of the last.
        ("starting", AT + 2, AT),
        (None, 0, AT + 6),
    ]
    assert len(pauses) == 4


@pytest.mark.parametrize("fault", [BadRequest("no", status=400), Unauthorized("no", status=401)])
def test_a_fault_that_does_not_pass_ends_it(fault: Exception) -> None:
    with pytest.raises(type(fault)):
        looked(screen(), script(fault), lambda: 0.0)


@pytest.mark.parametrize("fault", [LedgerInUse("a server owns it"), NoLedger("it is gone")])
def test_a_folder_that_another_has_open_is_waited_for(fault: Exception) -> None:
    assert isinstance(fault, PASSING)
    assert looked(screen(), script(fault), lambda: float(AT)).fault == str(fault)
