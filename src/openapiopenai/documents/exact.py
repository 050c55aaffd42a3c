"""Numbers that are floats to the caller and keep every digit they were written with."""

from decimal import Decimal
from typing import Self


class ExactFloat(float):
    """A double that remembers the decimal number it was read from.

    The generated client has floats for amounts, and code that was written for it
    adds them to floats, formats them and hands them to ``json``: a Decimal would
    break that code, and a double alone would lose the digits beyond its
    seventeenth. Arithmetic gives plain floats; ``decimal`` is the number itself,
    and is what is written back.

    Raises ValueError for text that is no number, and ArithmeticError for an
    exponent that no Decimal has.
    """

    __slots__ = ("decimal",)

    decimal: Decimal

    def __new__(cls, number: str | Decimal) -> Self:
        """The number, as JSON writes it or as a Decimal."""
        exact = super().__new__(cls, number)
        decimal = Decimal(number)
        # 1.0e1 is ten, and is written as 10.0: as 10 it would be read as an int.
        exact.decimal = Decimal(f"{decimal}.0") if _is_whole(decimal) else decimal
        return exact

    def __reduce__(self) -> tuple[type[Self], tuple[Decimal]]:
        return type(self), (self.decimal,)


def number_of(decimal: Decimal) -> float:
    """What JSON's digits of a Decimal are read as: an int where it is written as one."""
    return int(decimal) if _is_whole(decimal) else ExactFloat(decimal)


def decimal_of(number: float) -> Decimal:
    """The exact number: of an ExactFloat what was read, of a float what it prints."""
    if isinstance(number, ExactFloat):
        return number.decimal
    return Decimal(str(number))


def _is_whole(decimal: Decimal) -> bool:
    """Whether it is written without a fraction and without an exponent."""
    return decimal.as_tuple().exponent == 0
