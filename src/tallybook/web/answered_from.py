"""What an answer was read from, told where it is why a question took long."""

from tallybook.domain.definitions import Fold
from tallybook.domain.dimensions import tags_of
from tallybook.domain.queries import Query, UsageQuery
from tallybook.ledger.ledger import Ledger

# Says ``events`` when a question names a tag that rollups do not keep (setting ``kept_tags``), so
# that every event of its range is read. Otherwise it is left out.
ANSWERED_FROM_HEADER = "tallybook-answered-from"
EVENTS = "events"


def answered_from(query: Query, ledger: Ledger) -> dict[str, str]:
    """The header of a query's answer, if it has one: it follows from the query, and costs nothing.

    Samples of stocks keep all their tags, so usage of stocks is never read so.
    """
    if isinstance(query, UsageQuery) and query.kind.fold is Fold.STOCK:
        return {}
    kept = tags_of(query.named) <= set(ledger.kept_tags)
    return {} if kept else {ANSWERED_FROM_HEADER: EVENTS}
