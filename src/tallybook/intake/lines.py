"""Lines of JSON whose fields have other names, as events.

Values keep their types, since JSON has types: only a time may have to be
rewritten. What cannot be read is passed on as it is, so that the one gate for
events refuses it with the reason that it gives everyone.
"""

from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b

import msgspec

from tallybook.domain.dimensions import TAG_PREFIX
from tallybook.intake.cells import Sort, TimeUnit, cell_json, text_json
from tallybook.intake.mapping import (
    COST_MEMBERS,
    DERIVED_ID_PREFIX,
    Plan,
    sort_of,
)

# A line as it stands in its file, and its number there, from 1.
Relabel = Callable[[bytes, int], bytes]

_ID_DIGEST_BYTES = 16

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)


def field_names(line: bytes) -> tuple[str, ...]:
    """The names of a line's fields; none when it is not a JSON object."""
    try:
        return tuple(_fields.decode(line))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()


def derived_id(line: bytes, number: int) -> str:
    """An id made of all that a line holds and its number: the same at every import."""
    digest = blake2b(b"%d:%b" % (number, line.strip()), digest_size=_ID_DIGEST_BYTES)
    return DERIVED_ID_PREFIX + digest.hexdigest()


def relabel(plan: Plan, unit: TimeUnit) -> Relabel:
    """A function that makes an event of a line, as the plan says."""
    if plan.is_verbatim and unit is TimeUnit.SECONDS:
        return lambda line, _number: line
    targets: defaultdict[str, list[str]] = defaultdict(list)
    for target, column in plan.columns.items():
        targets[column].append(target)
    constants = {
        target: cell_json(sort_of(target), value, unit).encode()
        for target, value in plan.constants.items()
    }

    def event(line: bytes, number: int) -> bytes:
        try:
            fields = _fields.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return line
        given = {
            name: value
            for name, raw in fields.items()
            if name not in plan.ignored and (value := bytes(raw)) != b"null"
        }
        values = constants | {
            target: _time(value, unit) if target == "time" else value
            for name, value in given.items()
            for target in targets.get(name, ())
        }
        if plan.derives_id:
            values["id"] = text_json(derived_id(line, number)).encode()
        rest = {name: value for name, value in given.items() if name not in targets}
        return joined(_nested(values) | ({} if plan.only_mapped else _strange(rest, values)))

    return event


def _strange(rest: dict[str, bytes], values: dict[str, bytes]) -> dict[str, bytes]:
    """Fields that the first lines did not have: the gate knows their names, or refuses them.

    One that something else fills already gets a name that the gate refuses.
    """
    return {f"{name} (unmapped)" if name in values else name: rest[name] for name in rest}


def _time(value: bytes, unit: TimeUnit) -> bytes:
    """A time as the gate reads it: text by the rule for cells, a number in its unit."""
    if value.startswith(b'"'):
        try:
            return cell_json(Sort.TIME, _text.decode(value), unit).encode()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return value
    return (
        value if unit is TimeUnit.SECONDS else cell_json(Sort.TIME, value.decode(), unit).encode()
    )


def _nested(values: dict[str, bytes]) -> dict[str, bytes]:
    """The values with tags and the reported cost put together from their members."""
    tags = {t.removeprefix(TAG_PREFIX): v for t, v in values.items() if t.startswith(TAG_PREFIX)}
    cost = {
        target.rpartition(".")[2]: values[target] for target in COST_MEMBERS if target in values
    }
    if not tags and not cost:
        return values
    whole = {
        target: value
        for target, value in values.items()
        if not target.startswith(TAG_PREFIX) and target not in COST_MEMBERS
    }
    if tags:
        whole["tags"] = joined(tags)
    if "value" in cost:
        whole["reported_cost"] = joined(cost)
    return whole


def joined(values: dict[str, bytes]) -> bytes:
    """A JSON object of members in JSON."""
    members = (text_json(name).encode() + b":" + value for name, value in values.items())
    return b"{" + b",".join(members) + b"}"
