"""Rows of every result type: the contract's samples, and made-up ones."""

from typing import Any

from hypothesis import strategies as st

from contract.contract import CONTRACT, fields, sample

# The endpoints of the 2.3.0 generation: what the generated client knows.
NAMES: tuple[str, ...] = tuple(CONTRACT["legacy"]["endpoints"])
LEGACY = CONTRACT["legacy"]

# The name of each result class, by the endpoint whose rows it holds.
CLASSES = {
    name: "CostsResult"
    if name == "costs"
    else f"Usage{''.join(word.title() for word in name.split('_'))}Result"
    for name in NAMES
}


def legacy(page: dict[str, Any]) -> dict[str, Any]:
    """A page of the current dialect in the legacy one, by the contract's table."""
    ((newer, older),) = LEGACY["bucket_duplicate_key"].items()
    data = []
    for bucket in page["data"]:
        rows = [old_row(row) for row in bucket[newer]]
        data.append(bucket | {newer: rows, older: rows})
    last = LEGACY["next_page_when_null"]
    return page | {"data": data, "next_page": page["next_page"] or last}


def old_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the current dialect in the legacy one."""
    doubles = LEGACY["field_duplicates"]
    return row | {old: row[new] for new, old in doubles.items() if new in row}


def only_old(row: dict[str, Any]) -> dict[str, Any]:
    """A row with nothing but what the 2.3.0 generation has."""
    name = next(name for name in NAMES if fields(name)["object"]["const"] == row["object"])
    newer = LEGACY["field_duplicates"]
    since = {field: entry["since"] for field, entry in fields(name).items()}
    return {
        field: value
        for field, value in old_row(row).items()
        if since.get(field, "2.3.0") == "2.3.0" and field not in newer
    }


def sample_rows(name: str) -> list[dict[str, Any]]:
    """The rows of an endpoint's sample, in the current dialect."""
    return [row for bucket in sample(name)[1]["data"] for row in bucket["results"]]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_COUNTS = st.integers(-(2**70), 2**70)
# Any number that JSON may write, of which a double holds only the first digits.
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=12) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
)
_VALUES = _COUNTS | _DECIMALS
_TYPES: dict[str, st.SearchStrategy[Any]] = {
    "integer": _COUNTS,
    "string": _TEXT,
    "boolean": st.booleans(),
}
_JSON = st.recursive(
    st.none() | st.booleans() | _COUNTS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)


def amounts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Amounts with these values."""
    optional = {"value": values | st.none(), "currency": _TEXT | st.none()}
    return st.fixed_dictionaries({}, optional=optional)


@st.composite
def rows(
    draw: st.DrawFn,
    name: str,
    values: st.SearchStrategy[Any] = _VALUES,
) -> dict[str, Any]:
    """A row of an endpoint in the legacy generation, with fields of later ones beside it."""
    known = {field: entry for field, entry in fields(name).items() if entry["since"] == "2.3.0"} | (
        {"sessions": fields(name)["num_sessions"]} if "num_sessions" in fields(name) else {}
    )
    required, optional = {}, {}
    for field, entry in known.items():
        if field == "object":
            required[field] = st.just(entry["const"])
        elif field == "amount":
            optional[field] = amounts(values) | st.none()
        elif entry["required"]:
            required[field] = _TYPES[entry["type"]]
        else:
            optional[field] = _TYPES[entry["type"]] | st.none()
    extra = st.dictionaries(_TEXT.filter(lambda key: key not in fields(name)), _JSON, max_size=2)
    row: dict[str, Any] = draw(extra) | draw(st.fixed_dictionaries(required, optional=optional))
    return row


def any_rows(values: st.SearchStrategy[Any] = _VALUES) -> st.SearchStrategy[dict[str, Any]]:
    """Rows of all endpoints."""
    return st.one_of([rows(name, values) for name in NAMES])
