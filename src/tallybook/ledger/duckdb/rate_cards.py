"""The rate cards of the file: numbered, kept once, never changed."""

import threading
from collections.abc import Mapping, Sequence

import msgspec

from tallybook.domain.charges import Charge
from tallybook.domain.kinds import CHARGES
from tallybook.ledger.duckdb.arrow import cards_table, rates_table
from tallybook.ledger.duckdb.engine import Engine
from tallybook.ledger.ledger import KeptCard
from tallybook.ledger.sql.unpriced import UnpricedLine
from tallybook.pricing.cards import RateCard

_ALL = "SELECT rate_card, digest, card, known_us FROM rate_cards ORDER BY rate_card"

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

    def numbers_of(self, cards: Sequence[RateCard]) -> list[int]:
        """The numbers of cards, of which those that are new are kept first, in one transaction.

        Once this has returned, the cards are on disk. Raises StorageFull or LedgerUnavailable.
        """
        digests = [card.digest for card in cards]
        with self._lock:
            known = self._at_hand()
            new = {
                digest: card
                for digest, card in zip(digests, cards, strict=True)
                if digest not in known.numbers
            }
            if new:
                # A commit that raises may be on disk all the same: then they are read again.
                self._known = None
                first = len(known.by_number) + 1
                numbered = dict(enumerate(new.items(), start=first))
                known_us = self._keep(numbered)
                for number, (digest, card) in numbered.items():
                    known.add(KeptCard(number, card, known_us), digest)
                self._known = known
            return [known.numbers[digest] for digest in digests]

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

    def _keep(self, numbered: Mapping[int, tuple[str, RateCard]]) -> int:
        """Put cards on disk by their numbers, with their digests; the moment, in microseconds."""
        rates = [
            (
                number,
                rate.charge,
                rate.line_item,
                rate.currency,
                CHARGES[rate.charge].unit.stored,
                rate.unit_price,
            )
            for number, (_, card) in numbered.items()
            for rate in card.rates
        ]
        with self._engine.storing("keep rate cards") as cursor:
            cursor.begin()
            # All rows are fetched, so that the cursor is free for what follows.
            ((known_us,),) = cursor.execute("SELECT epoch_us(now())").fetchall()
            cards = [
                (number, digest, msgspec.json.encode(card).decode(), known_us)
                for number, (digest, card) in numbered.items()
            ]
            cursor.from_arrow(cards_table(cards)).insert_into("rate_cards")
            if rates:
                cursor.from_arrow(rates_table(rates)).insert_into("rates")
            cursor.commit()
        return int(known_us)
