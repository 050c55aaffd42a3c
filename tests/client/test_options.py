"""The types of what can be asked are the tables of the domain, name by name."""

import inspect
import typing
from typing import Any

import pytest

from tallybook.client.async_client import AsyncClient
from tallybook.client.client import Client
from tallybook.client.options import CostsOptions, Names, UsageKind, Width
from tallybook.client.questions import COSTS, USAGE, Endpoint
from tallybook.client.results import USAGE_RESULTS
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.dimensions import DIMENSIONS
from tallybook.domain.kinds import KINDS

SHARED = {"group_by", "limit", "timezone", "order_by", "top", "tags"}


def test_kinds_and_widths_are_those_of_the_tables() -> None:
    assert typing.get_args(UsageKind) == tuple(KINDS)
    assert typing.get_args(Width) == tuple(BucketWidth)


def overloads(client: type[Any]) -> dict[str, inspect.Signature]:
    """The signatures of ``usage`` by kind."""
    found = {}
    for overload in typing.get_overloads(client.usage):
        signature = inspect.signature(overload, eval_str=True)
        (kind,) = typing.get_args(signature.parameters["kind"].annotation)
        found[kind] = signature
    return found


def options_of(signature: inspect.Signature) -> dict[str, Any]:
    (unpacked,) = typing.get_args(signature.parameters["options"].annotation)
    return typing.get_type_hints(unpacked)


def expected(endpoint: Endpoint) -> set[str]:
    return SHARED | {each.name for each in endpoint.filters}


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_kind_takes_the_filters_of_its_row_and_gives_its_results(client: type[Any]) -> None:
    found = overloads(client)
    assert tuple(found) == tuple(KINDS)
    for name in KINDS:
        assert options_of(found[name]).keys() == expected(USAGE[name]), name
        (result,) = typing.get_args(found[name].return_annotation)
        assert result is USAGE_RESULTS[name]
    (unpacked,) = typing.get_args(
        inspect.signature(client.costs, eval_str=True).parameters["options"].annotation
    )
    assert unpacked is CostsOptions
    assert typing.get_type_hints(CostsOptions).keys() == expected(COSTS)


def test_a_filter_has_the_type_of_its_dimension() -> None:
    hints = typing.get_type_hints(CostsOptions)
    for filter_ in COSTS.filters:
        dimension = DIMENSIONS.get(filter_.dimension)
        boolean = dimension is not None and dimension.boolean
        assert hints[filter_.name] == (bool if boolean else Names), filter_.name
