"""The rate cards of the file: numbered, kept once, never changed."""

import threading

import msgspec

from tallybook.domain.charges import Charge
from tallybook.domain.kinds import CHARGES
from tallybook.ledger.costs_sql import UnpricedLine
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.ledger import KeptCard
from tallybook.pricing.cards import RateCard

_ALL = "SELECT rate_card, digest, card, known_us FROM rate_cards ORDER BY rate_card"
_KEEP_CARD = "INSERT INTO rate_cards VALUES (?, ?, ?, epoch_us(now())) RETURNING known_us"
_KEEP_RATE = "INSERT INTO rates VALUES (?, ?, ?, ?, ?, ?)"

_decode = msgspec.json.Decoder(RateCard).decode


class _Known:
    """What the file holds, at hand."""

    def __init__(self) -> None:
        self.by_number: dict[int, KeptCard] = {}
        self.numbers: dict[str, int] = {}
        # The charges of all cards, by name, in the order in which they were met.
        self.charges: dict[str, Charge] = {}
        # The charges without a price, each with the number of its card.
        self.unpriced: list[UnpricedLine] = []

    def add(self, kept: KeptCard, digest: str) -> None:
        self.by_number[kept.number] = kept
        self.numbers[digest] = kept.number
        for rate in kept.card.rates:
            charge = self.charges.setdefault(rate.charge, CHARGES[rate.charge])
            if rate.unit_price is None:
                self.unpriced.append(UnpricedLine(charge, kept.number, rate.line_item))


class RateCards:
    """All rate cards that events have had, for any thread."""

    def __init__(self, engine: Engine) -> None:
        """Read them from the open file. Raises LedgerUnavailable."""
        self._engine = engine
        self._lock = threading.Lock()
        self._known: _Known | None = self._read()

    def number_of(self, card: RateCard) -> int:
        """The number of a card, which is kept first when it is a new one.

        Once this has returned, the card is on disk. Raises StorageFull or LedgerUnavailable.
        """
        digest = card.digest
        with self._lock:
            known = self._at_hand()
            number = known.numbers.get(digest)
            if number is None:
                # A commit that raises may be on disk all the same: then they are read again.
                self._known = None
                known.add(self._keep(len(known.by_number) + 1, card, digest), digest)
                self._known = known
                number = known.numbers[digest]
            return number

    def kept(self, number: int) -> KeptCard:
        """The card of a number that the ledger gave."""
        with self._lock:
            return self._at_hand().by_number[number]

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The charges that any card has a rate for, priced or not."""
        with self._lock:
            return tuple(self._at_hand().charges.values())

    @property
    def unpriced(self) -> tuple[UnpricedLine, ...]:
        """The lines of all cards for which nobody states a price."""
        with self._lock:
            return tuple(self._at_hand().unpriced)

    def _at_hand(self) -> _Known:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> _Known:
        with self._engine.guard("read its rate cards") as cursor:
            rows = cursor.execute(_ALL).fetchall()
        known = _Known()
        for number, digest, card, known_us in rows:
            known.add(KeptCard(number, _decode(card), known_us), digest)
        return known

    def _keep(self, number: int, card: RateCard, digest: str) -> KeptCard:
        rates = [
            (
                number,
                rate.charge,
                rate.line_item,
                rate.currency,
                CHARGES[rate.charge].unit.stored,
                rate.unit_price,
            )
            for rate in card.rates
        ]
        content = msgspec.json.encode(card).decode()
        with self._engine.guard("keep a rate card") as cursor:
            cursor.begin()
            row = cursor.execute(_KEEP_CARD, [number, digest, content]).fetchone()
            if rates:
                cursor.executemany(_KEEP_RATE, rates)
            cursor.commit()
        return KeptCard(number, card, row[0] if row else 0)
