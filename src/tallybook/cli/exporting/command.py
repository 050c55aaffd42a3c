"""``tallybook export``: parse, ask, write."""

import gzip
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn

from tallybook.cli import completing
from tallybook.cli.asking import (
    Filters,
    Parameters,
    Timezone,
    conditions,
    grid_of,
    kind_of,
    moment_of,
)
from tallybook.cli.exporting.formats import ExportFormat, writer_of
from tallybook.cli.exporting.pages import event_pages
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import Key, Profile, Url, target_of
from tallybook.domain.buckets import BucketWidth
from tallybook.domain.instants import exclusive_now
from tallybook.domain.kinds import KINDS
from tallybook.domain.listings import NAME
from tallybook.domain.retelling import told_fields
from tallybook.domain.zones import UTC
from tallybook.web.event_parameters import FILTERS

_GZIP = ".gz"
_SUFFIXES = {
    ".ndjson": ExportFormat.NDJSON,
    ".jsonl": ExportFormat.NDJSON,
    ".csv": ExportFormat.CSV,
    ".parquet": ExportFormat.PARQUET,
    ".pq": ExportFormat.PARQUET,
}

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Where to; standard output without it. .gz packs it."
    ),
]
Kinds = Annotated[
    list[str],
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only events of this kind; may be given several times.",
        autocompletion=completing.kind_names,
    ),
]
Form = Annotated[
    ExportFormat | None,
    typer.Option("--format", help="The format, where the suffix does not say; ndjson else."),
]


def export(
    *,
    output: Output = None,
    form: Form = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="The first events, inclusive: a date or time (by the clocks of --timezone without"
            " an offset), Unix seconds, or how long ago, like -30d; all without it.",
            show_default=False,
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(help="Up to these, exclusive, in the same forms.", show_default=False),
    ] = None,
    timezone: Timezone = UTC,
    kinds: Kinds = [],  # noqa: B006 - typer reads the default and copies it
    filters: Filters = [],  # noqa: B006
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
) -> None:
    """Export stored events, by time, as NDJSON, CSV or Parquet.

    What it writes tallybook import reads as the same events, to the last
    digit. Prices are not among them: an event is priced where it is imported.

    Example: tallybook export --start 2026-10-01 --end 2026-11-01 -o october.parquet
    """
    chosen = form or _format_of(output)
    now = exclusive_now(time.time())
    parameters = [
        *_ends(start, end, timezone, now),
        *(("kinds", kind_of(kind, "--kind").name) for kind in kinds),
        *conditions(NAME, FILTERS[1:], filters),
    ]
    target = target_of(url=url, key=key, data=data, profile=profile, config=config)
    write = writer_of(chosen, told_fields(kinds or KINDS))
    if output is None:
        _refuse_a_screen(chosen)
        with _told(event_pages(target, parameters, now)) as told:
            write(told, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    with _told(event_pages(target, parameters, now)) as told, _whole_file(output) as file:
        write(told, file)
    Console(stderr=True, highlight=False).print(
        f"{told.events:,} events are in {escape(str(output))}.", soft_wrap=True
    )


def _format_of(output: Path | None) -> ExportFormat:
    """The format that a file's name says, NDJSON on standard output. Raises BadParameter."""
    if output is None:
        return ExportFormat.NDJSON
    suffix = Path(output.name.removesuffix(_GZIP)).suffix.lower()
    if suffix not in _SUFFIXES:
        raise typer.BadParameter(
            f"{output} has none of the suffixes {', '.join(_SUFFIXES)}, with or without {_GZIP};"
            f" name the format: --format {', '.join(ExportFormat)}."
        )
    return _SUFFIXES[suffix]


def _ends(start: str | None, end: str | None, timezone: str, now: int) -> Parameters:
    grid = grid_of(BucketWidth.MINUTE, timezone)
    given = (("start_time", start), ("end_time", end))
    return [(name, str(moment_of(text, now, grid))) for name, text in given if text is not None]


def _refuse_a_screen(form: ExportFormat) -> None:
    if form is ExportFormat.PARQUET and sys.stdout.isatty():
        raise typer.BadParameter("Parquet is not for a screen: give --output, or a pipe.")


class _Told:
    """Pages that pass by, and how many events they held so far."""

    def __init__(self, pages: Iterable[bytes], progress: Progress) -> None:
        self.events = 0
        self._pages = pages
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        task = self._progress.add_task("Exporting")
        for page in self._pages:
            self.events += page.count(b"\n")
            self._progress.update(task, description=f"Exporting: {self.events:,} events")
            yield page


@contextmanager
def _told(pages: Iterable[bytes]) -> Iterator[_Told]:
    """The same pages, counted on a terminal's standard error."""
    aside = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=aside, transient=True, disable=not aside.is_terminal
    ) as progress:
        yield _Told(pages, progress)


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that has its name once it is whole: half an export never looks like one."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as plain:
            if path.suffix == _GZIP:
                with gzip.open(plain, "wb") as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield plain
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
