"""Inputs changed as what they are: trees of JSON, lines, pairs of a query string, or plain bytes.

A byte that is turned in a text of JSON mostly makes it none, and then nothing
behind the parser is reached. So most changes are made to the structure, and
the result is written again.
"""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

# Another input made of one, by chance; never longer than a few times its length.
Mutate = Callable[[bytes, Random], bytes]

# Where limits of types, of formats and of calendars lie.
NUMBERS: tuple[Any, ...] = (
    0, -0.0, 1, -1, 0.5, 1e-7, 255, 256, 65_535, 2**31, 2**32, 2**53 - 1, 2**53, 2**63 - 1, 2**63,
    2**64, 10**18, 10**30, 1e300, -1e300, 5e-324, 1_790_812_800, 1_790_812_800.000001,
    1_420_070_399.999999, 253_402_300_799, 253_402_300_800, -62_135_596_801,
)  # fmt: skip
TEXTS: tuple[str, ...] = (
    "", " ", "\0", "\n", "\r", "\x1b[2J", "\u2028", "\ufeff", "é", "名前", "🙂", "e\u0301", "²",
    "\u0661", "ß", "İ", "null", "true", "-0", "00", "1e5", "0x10", "1_000", "NaN", "Infinity",
    "' OR 1=1 --", "%s%n", "{0}", "${x}", "../../etc/passwd", "a" * 201, "\\", '"', "[", "]", "{",
    "=", "&", "%",
    "9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+23:59", "2026-10-25T02:30:00",
    "2016-12-31T23:59:60Z", "2026-02-30", "-7d", "now", "Europe/Paris", "Antarctica/Troll",
)  # fmt: skip
ODD_BYTES: tuple[bytes, ...] = (
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\r\n",
    b"\r", b"\n", b"\t", b"9" * 30, b"9" * 5_000, b"-", b"%", b"%00", b"%ff", b"\\ud800",
    b"[" * 1_200,
)  # fmt: skip

# Deeper than what recurses may go.
_DEPTH = 1_200


def bytes_mutated(data: bytes, chance: Random, words: Sequence[bytes] = ()) -> bytes:
    """Bytes turned, left out, put in, doubled or cut off."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(made))
        match chance.randrange(7):
            case 0 if made:
                made[at - 1] ^= 1 << chance.randrange(8)
            case 1:
                del made[at : at + chance.choice((1, 1, 2, 8, 64))]
            case 2:
                made[at:at] = chance.choice((*ODD_BYTES, *words))
            case 3:
                end = at + chance.choice((1, 4, 32))
                made[at:at] = made[at:end] * chance.choice((1, 2, 20))
            case 4:
                del made[at:]
            case 5:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                start = chance.randint(0, len(made))
                made[at:at] = made[start : start + 32]
    return bytes(made)


def _of_words(words: Sequence[bytes]) -> list[str]:
    return [word.decode("utf-8", "replace") for word in words]


def _value(chance: Random, texts: Sequence[str]) -> Any:
    match chance.randrange(8):
        case 0 | 1:
            return chance.choice(NUMBERS)
        case 2:
            return chance.choice((None, True, False))
        case 3:
            return chance.choice(([], {}, [[]], {"": None}, [None] * 3))
        case 4:
            return chance.randrange(3_000)
        case _:
            return chance.choice((*texts, *TEXTS))


def _places(tree: Any, found: list[tuple[Any, Any]]) -> None:
    """Every place in a tree: what it is in, and its key there."""
    items = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, value in items:
        found.append((tree, key))
        _places(value, found)


def tree_mutated(tree: Any, chance: Random, texts: Sequence[str]) -> Any:
    """A tree of JSON with some of its values changed, left out, doubled or moved; in place."""
    whole = [tree]
    for _ in range(chance.randint(1, 3)):
        places: list[tuple[Any, Any]] = []
        _places(whole, places)
        holder, key = chance.choice(places)
        value = holder[key]
        other, other_key = chance.choice(places)
        match chance.randrange(9):
            case 0 if holder is not whole:
                del holder[key]
            case 1 if isinstance(value, dict):
                value[chance.choice((*texts, *TEXTS))] = _value(chance, texts)
            case 2 if isinstance(value, list):
                value.append(json.loads(json.dumps(chance.choice(value or [None]))))
            case 3 if isinstance(holder, dict):
                holder[chance.choice((*texts, *TEXTS))] = holder.pop(key)
            case 4:
                holder[key] = json.loads(json.dumps(other[other_key]))
            case 5:
                holder[key] = chance.choice(([value], {"a": value}, str(value)))
            case 6 if isinstance(value, int):
                holder[key] = value + chance.choice((1, -1, -value, value))
            case _:
                holder[key] = _value(chance, texts)
    return whole[0]


def json_of(*words: bytes) -> Mutate:
    """Changes JSON as trees, one to a line where there are several lines."""
    texts = _of_words(words)

    def mutate(data: bytes, chance: Random) -> bytes:
        if chance.randrange(5) == 0:
            return bytes_mutated(data, chance, words)
        lines = data.split(b"\n") if b"\n" in data.strip() else [data]
        at = chance.randrange(len(lines))
        try:
            tree = json.loads(lines[at])
            ascii_ = bool(chance.randrange(2))
            made = json.dumps(tree_mutated(tree, chance, texts), ensure_ascii=ascii_)
            lines[at] = made.encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError):
            return bytes_mutated(data, chance, words)
        if chance.randrange(6) == 0:
            lines.insert(at, chance.choice(lines))
        if chance.randrange(30) == 0:
            # A value that no parser follows to its end.
            lines[at] = lines[at].replace(b": ", b": " + b"[" * _DEPTH, 1)
        return b"\n".join(lines)

    return mutate


def pairs_of(*words: bytes) -> Mutate:
    """Changes the names and values of a query string, or of anything else between ``&``."""
    values = [
        *words,
        *(text.encode() for text in TEXTS),
        *(str(number).encode() for number in NUMBERS),
    ]

    def mutate(data: bytes, chance: Random) -> bytes:
        if chance.randrange(6) == 0:
            return bytes_mutated(data, chance, words)
        pairs = data.split(b"&")
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(pairs))
            name, sign, value = pairs[at].partition(b"=")
            given = chance.choice(values)
            written = quote_from_bytes(given, safe="").encode()
            match chance.randrange(9):
                case 0 if len(pairs) > 1:
                    del pairs[at]
                case 1:
                    pairs.insert(at, pairs[chance.randrange(len(pairs))])
                case 2:
                    pairs[at] = (
                        name + chance.choice((b"[]", b"[0]", b"[", b"[a][b]")) + sign + value
                    )
                case 3:
                    pairs.append(chance.choice(words or values) + b"=" + written)
                case 4:
                    pairs[at] = written + sign + value
                case 5:
                    pairs[at] = name + sign + value + b"," + written
                case 6:
                    pairs[at] = name + b"=" + bytes_mutated(unquote_to_bytes(value), chance)
                case _:
                    pairs[at] = name + b"=" + chance.choice((written, given))
        return b"&".join(pairs)

    return mutate


def lines_of(*words: bytes, end: bytes = b"\n", sign: bytes = b"=") -> Mutate:
    """Changes lines, and what stands before and after a sign in each."""

    def mutate(data: bytes, chance: Random) -> bytes:
        if chance.randrange(4) == 0:
            return bytes_mutated(data, chance, words)
        lines = data.split(end)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(lines))
            name, found, value = lines[at].partition(sign)
            match chance.randrange(8):
                case 0 if len(lines) > 1:
                    del lines[at]
                case 1:
                    lines.insert(at, chance.choice(lines))
                case 2 if words:
                    lines.insert(at, chance.choice(words))
                case 3 if words:
                    lines[at] = chance.choice(words) + found + value
                case 4:
                    lines[at] = name + found + bytes_mutated(value, chance, words)
                case 5:
                    other = chance.choice(lines).partition(sign)[2]
                    lines[at] = name + found + other
                case _:
                    odd = (*words, *ODD_BYTES, *(text.encode() for text in TEXTS))
                    lines[at] = name + found + chance.choice(odd)
            if not lines:
                lines = [b""]
        return end.join(lines)

    return mutate


def after_a_choice(choices: int, mutate: Mutate) -> Mutate:
    """Changes inputs whose first byte chooses one of some ways, and what comes after it."""

    def mutated(data: bytes, chance: Random) -> bytes:
        first = data[:1] or b"\0"
        if chance.randrange(10) == 0:
            first = bytes([chance.randrange(choices)])
        return first + mutate(data[1:], chance)

    return mutated
