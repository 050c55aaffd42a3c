"""Lines of JSON that lack a field, filled with what was said once for all of them."""

from collections.abc import Callable, Mapping

import msgspec

from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.intake.cells import cell_json
from tallybook.intake.lines import joined
from tallybook.intake.mapping import COST_MEMBERS, sort_of

_NULL = b"null"
_TAGS, _COST = "tags", "reported_cost"

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])

Fields = dict[str, bytes]


def filling(constants: Mapping[str, str]) -> Callable[[bytes], bytes]:
    """A function that gives an event, as a line of JSON, the fields that it lacks or has as null.

    ``constants`` are texts by target (``intake/mapping.py``). A tag is filled
    among the event's own, a reported cost only whole. What cannot be read is
    passed on as it is: the gate refuses it with its reason.
    """
    values = {
        target: cell_json(sort_of(target), text).encode() for target, text in constants.items()
    }
    tags = {
        target.removeprefix(TAG_PREFIX): value
        for target, value in values.items()
        if target.startswith(TAG_PREFIX)
    }
    whole = {
        target: value
        for target, value in values.items()
        if not target.startswith(TAG_PREFIX) and target not in COST_MEMBERS
    }
    cost = {
        target.rpartition(".")[2]: values[target] for target in COST_MEMBERS if target in values
    }
    if cost:
        whole[_COST] = joined(cost)

    def fill(line: bytes) -> bytes:
        given = _object(line)
        if given is None:
            return line
        filled = whole | given
        if tags and (own := _object(given.get(_TAGS, b"{}"))) is not None:
            filled[_TAGS] = joined(tags | own)
        return line if filled == given else joined(filled)

    return fill if values else lambda line: line


def _object(text: bytes) -> Fields | None:
    """The members of a JSON object that are not null; None for anything else."""
    try:
        found = _fields.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return {name: value for name, raw in found.items() if (value := bytes(raw)) != _NULL}
