"""An event becomes a line, at the moment it is recorded.

From then on it has its identity, ``(id, time)``, so however often it is sent
the ledger keeps it once; and nothing that the caller does to its mapping
afterwards changes it.
"""

import secrets
from collections.abc import Callable, Mapping
from itertools import count

import msgspec

from tallybook.client.recording.attribution import Fields, current, merged

# Random bytes of a process's part of an id: as many as a UUID has.
_PART_BYTES = 16
_MICROSECOND_DECIMALS = 6

Names = Callable[[], str]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, object]).decode


class Unrecordable(ValueError):
    """What was given is no event; the message says why."""


def fresh_names() -> Names:
    """A maker of ids that no other maker, process or machine makes: to be made anew after a fork.

    A random part and a number, because a random number for each event costs
    a call to the system.
    """
    part = secrets.token_hex(_PART_BYTES)
    numbers = count(1)
    return lambda: f"rec_{part}_{next(numbers)}"


def copied(defaults: Fields) -> dict[str, object]:
    """Fields as they are now, so that nothing that is done to them later changes them.

    Raises ValueError for what is not JSON.
    """
    try:
        return _decode(_encode(dict(defaults)))
    except (TypeError, ValueError, OverflowError, RecursionError) as fault:
        raise ValueError(f"the defaults cannot be part of an event: {fault}.") from fault


class Stamp:
    """Makes lines of events. ``clock`` gives Unix seconds."""

    def __init__(
        self, defaults: Fields, bytes_max: int, clock: Callable[[], float], names: Names
    ) -> None:
        self._defaults = defaults
        self._bytes_max = bytes_max
        self._clock = clock
        self._names = names

    def line(self, event: Mapping[str, object]) -> bytes:
        """The event as JSON, without the end of the line, with an id and a time.

        Raises Unrecordable, and what msgspec raises for values that are not JSON's.
        """
        if not isinstance(event, Mapping):
            raise Unrecordable(f"an event is a mapping of fields, and not {type(event).__name__}")
        fields = dict(merged(merged(self._defaults, current()), event))
        if fields.get("id") is None:
            fields["id"] = self._names()
        if fields.get("time") is None:
            fields["time"] = round(self._clock(), _MICROSECOND_DECIMALS)
        line = _encode(fields)
        if len(line) > self._bytes_max:
            raise Unrecordable(
                f"the event has {len(line)} bytes as JSON; at most {self._bytes_max} are taken"
            )
        return line
