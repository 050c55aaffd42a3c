"""What an event costs is explained to whoever may know that there is one."""

from collections.abc import Iterator

import pytest

from support.events import DAY, event
from support.ledgers import opened, store
from tallybook.domain.errors import UnknownEvent
from tallybook.ledger.duckdb.store import DuckDBLedger
from tallybook.usage.explaining import explain

A, B = frozenset({"proj_a"}), frozenset({"proj_b"})


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBLedger]:
    with opened(tmp_path_factory.mktemp("ledger")) as ledger:
        # One id, used by two projects and by nobody.
        store(
            ledger,
            *(
                event(id="shared", time=DAY + place, project_id=project)
                for place, project in enumerate(("proj_a", "proj_b", None))
            ),
            event(id="of_b", project_id="proj_b"),
            event(id="of_nobody"),
        )
        yield ledger


def times(ledger: DuckDBLedger, event_id: str, projects: frozenset[str] | None) -> list[str]:
    return [each.time[-3:] for each in explain(ledger, event_id, projects).data]


def test_of_one_id_those_of_its_projects_are_explained(ledger: DuckDBLedger) -> None:
    assert times(ledger, "shared", None) == ["00Z", "01Z", "02Z"]
    assert times(ledger, "shared", A) == ["00Z"]
    assert times(ledger, "shared", A | B) == ["00Z", "01Z"]


@pytest.mark.parametrize("event_id", ["of_b", "of_nobody", "of_none_at_all"])
def test_what_others_have_is_unknown_in_the_same_words_as_what_nobody_has(
    ledger: DuckDBLedger, event_id: str
) -> None:
    with pytest.raises(UnknownEvent) as refused:
        explain(ledger, event_id, A)
    assert refused.value.param == "event_id"
    assert refused.value.message == (
        f"No event has the id {event_id!r}; ids are told apart by every character."
    )
