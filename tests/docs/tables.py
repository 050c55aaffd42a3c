"""The tables of the docs, written from the code: what each page must contain."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperGroup

from openapiopenai.models.usage_time_bucket_result_inner import Result
from openapiopenai.models.usage_time_bucket_result_inner import (
    UsageTimeBucketResultInner as Row,
)
from tallybook.cli.main import command_line
from tallybook.domain import costs, errors
from tallybook.domain.charges import PRICE_KEYS
from tallybook.domain.definitions import Kind, Quantity
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.errors import TallybookError
from tallybook.domain.kinds import COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.domain.queries import TOP_MAX
from tallybook.settings import SETTINGS


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (header, ("---",) * len(header), *rows)]
    return "\n".join(lines)


def settings_table() -> str:
    """Every setting with its default, its unit and its help."""
    return table(
        ("setting", "default", "unit", "what it does"),
        (
            (f"`{s.name}`", f"`{s.default}`" if s.default != "" else "", s.unit, s.help)
            for s in SETTINGS
        ),
    )


def errors_table() -> str:
    """Every error that a request can be answered with."""
    classes = [
        cls
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, TallybookError) and cls is not TallybookError
    ]
    return table(
        ("error", "status", "type", "code", "when"),
        (
            (
                cls.__name__,
                str(int(cls.status)),
                f"`{cls.type}`",
                f"`{cls.code}`" if cls.code else "null",
                " ".join((cls.__doc__ or "").split()),
            )
            for cls in classes
            if cls is not errors.RequestError
        ),
    )


def commands_table() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(command_line())
    assert isinstance(group, TyperGroup)
    rows = []
    for name, command in commands_of(group):
        rows.append((f"**`tallybook {name}`**", _sentence(command.help)))
        for parameter in command.params:
            if parameter.name != "help":
                names = ", ".join(
                    f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts)
                )
                rows.append((names, _sentence(getattr(parameter, "help", ""))))
    return table(("command, option", "what it does"), rows)


def commands_of(group: TyperGroup) -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, those of groups after the group."""
    for name, command in group.commands.items():
        yield name, command
        if isinstance(command, TyperGroup):
            for below, each in commands_of(command):
                yield f"{name} {below}", each


def _sentence(text: str | None) -> str:
    """The first paragraph of a help text, without its markup."""
    paragraph = " ".join((text or "").split("\n\n")[0].split())
    return re.sub(r"\[/?(?:dim|bold)\]", "", paragraph).replace("\\[", "[").replace("|", "\\|")


def prices_table() -> str:
    """Every key that a price may be stated under, with its unit and the charges it is for."""
    charges = {charge.label: charge for kind in KINDS.values() for charge in kind.charges}
    return table(
        ("price", "per", "what it is for"),
        (
            (
                f"`{key.name}`",
                key.unit.name,
                ", ".join(
                    label for label, charge in charges.items() if key.aspects <= charge.aspects
                ),
            )
            for key in PRICE_KEYS.values()
        ),
    )


def _quantity(quantity: Quantity) -> str:
    required = quantity.required and not quantity.default
    return f"**`{quantity.name}`**" if required else f"`{quantity.name}`"


def _own_dimensions(kind: Kind) -> str:
    common = {"project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"}
    own = [name for name in kind.event_dimensions if name not in common]
    return ", ".join(
        f"`{name}`"
        + (f" ({', '.join(DIMENSIONS[name].values)})" if DIMENSIONS[name].values else "")
        for name in own
    )


def kinds_table() -> str:
    """Every kind with the quantities and the dimensions of its own."""
    return table(
        ("kind", "quantities (bold: required)", "dimensions of its own"),
        (
            (f"`{name}`", ", ".join(map(_quantity, kind.quantities)), _own_dimensions(kind))
            for name, kind in KINDS.items()
        ),
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def properties_table() -> str:
    """Every property of the generated client's rows, with its type and the results that have it."""
    having: dict[str, list[str]] = {}
    types: dict[str, str] = {}
    for cls in get_args(Result):
        for name, hint in get_type_hints(cls).items():
            if not name.startswith("_"):
                having.setdefault(name, []).append(cls.constant("object").split(".")[-2])
                types.setdefault(name, _type(hint))
    own = [name for name, each in vars(Row).items() if isinstance(each, type(vars(Row)["object"]))]
    assert sorted(own) == sorted(having)
    every = len(get_args(Result))
    return table(
        ("property", "type", "of the results of"),
        (
            (
                f"`{name}`",
                types[name],
                "all" if len(having[name]) == every else _names(sorted(having[name])),
            )
            for name in own
        ),
    )


def _type(hint: Any) -> str:
    """A type hint as one writes it: ``int``, or ``int?`` where it may be None in its own class."""
    optional = [each for each in get_args(hint) if each is not type(None)]
    if get_origin(hint) is Literal:
        return "str"
    return f"{optional[0].__name__}?" if optional else str(hint.__name__)


def extensions_table() -> str:
    """What can be asked beyond the contract, of usage and of costs."""
    contract = {name for kind in KINDS.values() for name in kind.dimensions}
    widths = ", ".join(
        f"`{width}` (limit {limit.default}, at most {limit.maximum})"
        for width, limit in USAGE_LIMITS.items()
        if width not in ("1m", "1h", "1d")
    )
    own = [name for name in costs.GROUP_BY if name not in costs.CONTRACT_KEYS]
    filters = [each.name for each in costs.FILTERS if each not in costs.CONTRACT_FILTERS]
    assert {name for kind in KINDS.values() for name in kind.query_dimensions} - contract == {
        "provider"
    }
    assert all(COSTS_LIMITS[w] == USAGE_LIMITS[w] for w in USAGE_LIMITS if w != "1d")
    requests = KINDS["completions"].rankings[0]
    return table(
        ("parameter", "usage", "costs"),
        (
            ("`bucket_width`", widths, "the same, and `1m`, `1h`, with the limits of usage"),
            ("`timezone`", "a name of the IANA time zone database; `UTC` by default", "the same"),
            ("`group_by`", "`provider`, `tag:NAME`", f"{_names(own)}, `tag:NAME`"),
            ("`tags[NAME]`", "any value of the tag, whole: it may hold commas", "the same"),
            ("other filters", "`providers`", _names(filters)),
            ("`order_by`", "a quantity of the endpoint's results", _names(costs.RANKINGS)),
            (
                "`top`",
                f"1 to {TOP_MAX} groups, by `order_by`, else `{requests}`, else the first quantity",
                f"1 to {TOP_MAX} groups, by {_names(costs.RANKINGS)}",
            ),
        ),
    )
