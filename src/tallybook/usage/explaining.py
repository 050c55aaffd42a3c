"""What one event costs, line by line: quantities, unit prices, and who stated them."""

from decimal import Decimal

import msgspec

from tallybook.domain.entries import COLUMN_NAMES, PROJECT_ID
from tallybook.domain.errors import UnknownEvent
from tallybook.domain.instants import iso
from tallybook.domain.kinds import CHARGES
from tallybook.domain.money import EXACT, ZERO, divided, plain, rounded
from tallybook.ledger.ledger import CardUse, Ledger, PricedEvent
from tallybook.ledger.stopping import NEVER, Stop
from tallybook.pricing.cards import Rate
from tallybook.usage.card_answers import CardAnswer, RateAnswer, card_answer, rate_answer

# Decimals of an amount here: more than any price has, fewer than a division by 3,600 makes.
AMOUNT_DECIMALS = 18


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One charge of an event: ``quantity`` in ``rate.unit``, times its unit price."""

    quantity: str
    amount: str
    rate: RateAnswer


class Total(msgspec.Struct, frozen=True):
    """The sum of an event's lines in one currency."""

    amount: str
    currency: str


class VoidedAnswer(msgspec.Struct, frozen=True):
    """When an event was voided, by whom, and why."""

    at: str
    by: str
    reason: str


class ExplainedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event, its lines, what they come to, and its rate card.

    A sample of a stock that is not the largest of its day is not ``charged``,
    nor is an event that was ``voided``: the lines say what it would cost.
    """

    id: str
    time: str
    kind: str
    charged: bool
    lines: list[Line]
    totals: list[Total]
    card: CardAnswer
    voided: VoidedAnswer | None = None


class Explanation(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """The events of one id, by time."""

    data: list[ExplainedEvent]


def explain(
    ledger: Ledger, event_id: str, projects: frozenset[str] | None, stop: Stop = NEVER
) -> Explanation:
    """Explain what the events with an id cost.

    ``projects`` are those that the caller may see, None being all there is.
    Raises UnknownEvent when there is none among them: whether others have one
    cannot be told from it.
    """
    found = [
        event
        for event in ledger.find(event_id, stop=stop)
        if projects is None or event.entry[PROJECT_ID] in projects
    ]
    if not found:
        unknown = f"No event has the id {event_id[:200]!r}; ids are told apart by every character."
        raise UnknownEvent(ledger.horizon.added_to(unknown), param="event_id")
    return Explanation([_explained(event) for event in found])


def _explained(event: PricedEvent) -> ExplainedEvent:
    fields = dict(zip(COLUMN_NAMES, event.entry, strict=True))
    sums: dict[str, Decimal] = {}
    lines = []
    for rate in event.kept.card.rates:
        charge = CHARGES[rate.charge]
        count = (fields[charge.column] or 0) - ((charge.less and fields[charge.less]) or 0)
        if count <= 0:
            continue
        amount = _amount(rate, count)
        if rate.currency is not None:
            sums[rate.currency] = EXACT.add(sums.get(rate.currency, ZERO), amount)
        quantity = divided(Decimal(count), charge.unit.stored)
        lines.append(Line(quantity=_text(quantity), amount=_text(amount), rate=rate_answer(rate)))
    use = CardUse(event.kept, 1, fields["time_us"], fields["time_us"])
    return ExplainedEvent(
        id=fields["id"],
        time=iso(fields["time_us"]),
        kind=fields["kind"],
        charged=event.charged,
        lines=lines,
        totals=[Total(_text(amount), currency) for currency, amount in sorted(sums.items())],
        card=card_answer(event.kept.card, use),
        voided=None
        if event.voided is None
        else VoidedAnswer(iso(event.voided.at_us), event.voided.by, event.voided.reason),
    )


def _amount(rate: Rate, count: int) -> Decimal:
    if rate.unit_price is None:
        return ZERO
    product = EXACT.multiply(Decimal(count), rate.unit_price)
    return divided(product, CHARGES[rate.charge].unit.stored)


def _text(value: Decimal) -> str:
    return plain(rounded(value, AMOUNT_DECIMALS))
