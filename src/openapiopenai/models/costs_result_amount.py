"""An amount of money."""

from decimal import Decimal

from openapiopenai.documents.document import Document
from openapiopenai.documents.exact import decimal_of


class CostsResultAmount(Document):
    """A value in major units of a currency, which is a lowercase ISO 4217 code like ``usd``.

    ``value`` is a float, or an int where JSON has no fraction. One that was read
    from JSON or made from a Decimal keeps every digit: ``exact`` has them, and
    they are what is written.
    """

    value: float | None = None
    currency: str | None = None

    @property
    def exact(self) -> Decimal | None:
        """The value to its last digit."""
        return None if self.value is None else decimal_of(self.value)
