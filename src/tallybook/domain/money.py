"""Money: exact decimals from the event to the wire. No float touches it.

An amount is a sum of products of whole quantities and unit prices, some of
them divided by what a priced unit holds (``domain/charges.py``). Products and
sums are exact; a quotient that no decimal can hold is kept to more digits
than anything shows.
"""

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal

# Enough for every sum of the ledger (38 digits) and the 30 decimals of a byte's part of a GiB.
EXACT = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_EVEN)
ZERO = Decimal(0)

# Decimals of an amount on the wire, inclusive (contract, section 6.11).
WIRE_DECIMALS = 12

DEFAULT_CURRENCY = "usd"

# ISO 4217, the active codes of currencies that people are billed in.
_CODES = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn
    bzd cad cdf chf clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs
    gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw
    kwd kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad
    ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd
    shp sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ved
    ves vnd vuv wst xaf xcd xof xpf yer zar zmw zwg
"""
CURRENCIES = frozenset(_CODES.split())


# One, one tenth, one hundredth, …: what values are rounded to.
_STEPS = tuple(Decimal(1).scaleb(-decimals) for decimals in range(EXACT.prec))


def rounded(value: Decimal, decimals: int) -> Decimal:
    """The value with so many decimals (0 to 99), halves to the even digit."""
    return value.quantize(_STEPS[decimals], context=EXACT)


def plain(value: Decimal) -> str:
    """The value as people and JSON write it: no exponent, no zeros at the end, zero is ``0``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def wire_number(value: Decimal) -> str:
    """A number of the wire: a plain decimal with at most 12 decimals (contract, section 6.11)."""
    return plain(rounded(value, WIRE_DECIMALS))


def divided(value: Decimal, by: int) -> Decimal:
    """A quotient, exact where a decimal can hold it."""
    return value if by == 1 else EXACT.divide(value, Decimal(by))
