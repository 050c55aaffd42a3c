"""Questions: what is asked for, as the query string of the wire; faults before it is sent.

Arrays go out as ``group_by[]=model&group_by[]=batch``, the form of the official
SDKs: whoever serves this API reads it. What is beyond the contract goes out
only when it was asked for, so that OpenAI's own endpoint, which does not know
it, can be asked everything else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tallybook.client.exchanges import Parameters
from tallybook.domain import costs
from tallybook.domain.buckets import BucketWidth, Grid
from tallybook.domain.definitions import Filter, PageLimit
from tallybook.domain.dimensions import OTHER, TAG_PREFIX, in_row_order
from tallybook.domain.errors import RequestError
from tallybook.domain.events import TAG_NAME_LENGTH_MAX
from tallybook.domain.kinds import COSTS_LIMITS, KINDS, USAGE_LIMITS
from tallybook.domain.moments import Moment, unix_seconds
from tallybook.domain.queries import checked_limit, checked_top
from tallybook.domain.zones import UTC, zone_names

# The options that are no filter.
_SHARED = ("group_by", "limit", "timezone", "order_by", "top", "tags")


class Endpoint(msgspec.Struct, frozen=True):
    """What can be asked of a path; any tag is a filter and a group key too.

    Values of ``never_split`` filters may hold commas.
    """

    name: str
    path: str
    filters: tuple[Filter, ...]
    group_by: tuple[str, ...]
    rankings: tuple[str, ...]
    limits: Mapping[BucketWidth, PageLimit]
    never_split: frozenset[str] = frozenset()


USAGE: dict[str, Endpoint] = {
    name: Endpoint(
        name,
        kind.path,
        kind.query_filters,
        kind.query_dimensions,
        kind.rankings,
        USAGE_LIMITS,
    )
    for name, kind in KINDS.items()
}
COSTS = Endpoint(
    costs.NAME,
    costs.PATH,
    costs.FILTERS,
    costs.GROUP_BY,
    costs.RANKINGS,
    COSTS_LIMITS,
    costs.NEVER_SPLIT,
)


class Question(msgspec.Struct, frozen=True):
    """A path below the API's base path, and what is asked of it.

    ``keys`` are what tells the results of a bucket apart, in the order of rows.
    """

    path: str
    parameters: tuple[tuple[str, str], ...]
    keys: tuple[str, ...] = ()

    def page(self, token: str | None) -> Parameters:
        """The query string of the page with a token; of the first one without."""
        return self.parameters if token is None else (*self.parameters, ("page", token))


def endpoint_of(kind: str) -> Endpoint:
    """What can be asked of a kind. Raises ValueError for one that is not in the table."""
    if kind not in USAGE:
        raise ValueError(
            f"kind is {kind!r}, but it must be one of {', '.join(USAGE)}. An endpoint that this"
            " version does not know can be asked by its path: ask()."
        )
    return USAGE[kind]


def question(
    endpoint: Endpoint,
    start: Moment,
    end: Moment | None,
    width: str,
    *,
    options: Mapping[str, Any],
    now: int,
) -> Question:
    """The question for ``[start, end)``, in buckets of ``width``.

    Relative moments count from ``now``, the exclusive end of the present in
    whole Unix seconds; without an end it is the server's own present. Raises
    ValueError for a value that the endpoint's table knows to be wrong, and
    TypeError for an option it does not have or a value of another type.
    """
    names = (*_SHARED, *(each.name for each in endpoint.filters))
    for name in options:
        if name not in names:
            raise TypeError(f"{endpoint.name} has no option {name!r}; it has {', '.join(names)}.")
    grid = _grid(width, options.get("timezone"))
    group_by = _group_by(endpoint, options.get("group_by"))
    top, limit = _whole("top", options.get("top")), _whole("limit", options.get("limit"))
    try:
        checked_top(top, group_by)
        count = checked_limit(
            endpoint.limits[grid.width].maximum if limit is None else limit,
            grid.width,
            endpoint.limits,
        )
    except RequestError as fault:
        raise ValueError(fault.message) from None
    found = [
        *_range(start, end, grid, now),
        ("bucket_width", grid.width.value),
        ("limit", str(count)),
        *(("group_by[]", name) for name in group_by),
        *_filters(endpoint, options),
        *_tags(options.get("tags")),
        *_own(endpoint, grid, options.get("order_by"), top),
    ]
    keys = in_row_order(group_by)
    return Question(endpoint.path, tuple(found), (*keys, OTHER) if top is not None else keys)


def _grid(width: str, zone: str | None) -> Grid:
    if width not in set(BucketWidth):
        raise ValueError(f"width is {width!r}, but it must be one of {', '.join(BucketWidth)}.")
    if zone is not None and zone not in zone_names():
        raise ValueError(
            f"timezone is {zone!r}, but it must be a name of the IANA time zone database, like"
            " Europe/Paris or UTC."
        )
    return Grid(BucketWidth(width), zone or UTC)


def _whole(name: str, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"{name} is {value!r}, but it must be a whole number.")


def _range(start: Moment, end: Moment | None, grid: Grid, now: int) -> Iterator[tuple[str, str]]:
    first = unix_seconds(start, now, grid)
    yield "start_time", str(first)
    if end is None or end == "now":
        return
    stop = unix_seconds(end, now, grid)
    if first >= stop:
        raise ValueError(f"start is {start!r}, but it must be before end, which is {end!r}.")
    yield "end_time", str(stop)


def _group_by(endpoint: Endpoint, asked: str | Sequence[str] | None) -> tuple[str, ...]:
    names = () if asked is None else _texts("group_by", asked)
    for name in names:
        tag = name.removeprefix(TAG_PREFIX)
        is_tag = tag != name and 0 < len(tag) <= TAG_NAME_LENGTH_MAX and "," not in tag
        if name not in endpoint.group_by and not is_tag:
            raise ValueError(
                f"group_by is {name!r}, but {endpoint.name} can be grouped by"
                f" {', '.join(endpoint.group_by)} and {TAG_PREFIX}NAME."
            )
    return tuple(dict.fromkeys(names))


def _filters(endpoint: Endpoint, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for filter_ in endpoint.filters:
        name, value = filter_.name, options.get(filter_.name)
        if value is None:
            continue
        if filter_.boolean:
            if not isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}, but it must be True or False.")
            yield name, str(value).lower()
            continue
        for text in _some(name, value):
            _check_value(filter_, text, whole=name in endpoint.never_split)
            yield f"{name}[]", text


def _check_value(filter_: Filter, text: str, *, whole: bool) -> None:
    """Raise ValueError for a value that the endpoint does not take, or would read as others."""
    if filter_.values and text not in filter_.values:
        raise ValueError(
            f"{filter_.name} has {text!r}, but its values are {', '.join(filter_.values)}."
        )
    if not whole and ("," in text or text != text.strip(" ")):
        raise ValueError(
            f"{filter_.name} has {text!r}: a comma separates values on the wire, and blanks around"
            " one are dropped, so this one cannot be asked for."
        )


def _tags(tags: Mapping[str, str | Sequence[str]] | None) -> Iterator[tuple[str, str]]:
    for tag, value in (tags or {}).items():
        if not 0 < len(tag) <= TAG_NAME_LENGTH_MAX:
            raise ValueError(
                f"tags has the name {tag!r}, but one has 1 to {TAG_NAME_LENGTH_MAX} characters."
            )
        for text in _some(f"tags[{tag}]", value):
            yield f"tags[{tag}][]", text


def _some(name: str, value: str | Sequence[str]) -> list[str]:
    """The values of a filter. Raises ValueError for none: that would be no filter at all."""
    texts = _texts(name, value)
    if not texts or "" in texts:
        raise ValueError(
            f"{name} is {value!r}: a filter without a value would let everything through. Leave it"
            " out to ask for everything."
        )
    return texts


def _texts(name: str, value: str | Iterable[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name} has {text!r}, but it takes text.")
    return texts


def _own(
    endpoint: Endpoint, grid: Grid, order_by: str | None, top: int | None
) -> Iterator[tuple[str, str]]:
    """What is beyond the contract, where it changes the answer."""
    if grid.zone != UTC:
        yield "timezone", grid.zone
    if order_by is not None:
        if order_by not in endpoint.rankings:
            raise ValueError(
                f"order_by is {order_by!r}, but {endpoint.name} can be ordered by"
                f" {', '.join(endpoint.rankings)}."
            )
        yield "order_by", order_by
    if top is not None:
        yield "top", str(top)
