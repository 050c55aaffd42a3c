"""What can be asked, as types: the names of kinds and widths, and the keywords of each endpoint.

``tests/client/test_options.py`` holds them equal to the tables of the domain.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

UsageKind = Literal[
    "completions",
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
    "decisions",
]
# Minutes, hours and days are of the contract; the others Tallybook's own.
Width = Literal["1m", "5m", "15m", "1h", "1d", "1w", "1mo"]

# One value, or any of several.
Names = str | Sequence[str]


class Options(TypedDict, total=False):
    """What every endpoint takes.

    ``group_by`` tells results apart by dimensions. ``limit`` is how many
    buckets come with one request, as many as there may be unless given; the
    answer is the same. The rest is beyond the contract, and for Tallybook
    alone: ``timezone`` (a name of the IANA database: whose days and clocks),
    ``order_by`` (a number that rows of a bucket descend by), ``top`` (only so
    many groups, and the rest as one), ``providers``, and ``tags``, by name.
    """

    group_by: Names
    limit: int
    timezone: str
    order_by: str
    top: int
    providers: Names
    tags: Mapping[str, Names]


class ProjectOptions(Options, total=False):
    """Of what is known by its project alone."""

    project_ids: Names


class FileSearchOptions(ProjectOptions, total=False):
    """Of file search calls."""

    user_ids: Names
    api_key_ids: Names
    vector_store_ids: Names


class ModelOptions(ProjectOptions, total=False):
    """Of what a model was asked for."""

    user_ids: Names
    api_key_ids: Names
    models: Names


class GenerationOptions(ModelOptions, total=False):
    """Of completions and decisions: ``batch`` is True for batch only, False for all but batch."""

    batch: bool


class ImagesOptions(ModelOptions, total=False):
    """Of images."""

    sources: Names
    sizes: Names


class WebSearchOptions(ModelOptions, total=False):
    """Of web search calls."""

    context_levels: Names


class CostsOptions(GenerationOptions, total=False):
    """Of costs. ``line_items`` are whole names.

    Those, ``project_ids`` and ``api_key_ids`` are of the contract; the other
    filters of costs are Tallybook's own.
    """

    line_items: Names
    sources: Names
    sizes: Names
    vector_store_ids: Names
    context_levels: Names
    currencies: Names
