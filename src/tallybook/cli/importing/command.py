"""``tallybook import``: parse, open, transfer, print."""

import shutil
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tallybook.cli.importing.ndjson import NdjsonFile
from tallybook.cli.importing.report import print_json, print_table
from tallybook.cli.importing.rows import RowFile, UnreadableFile
from tallybook.cli.importing.tables import Delimiter, open_csv, open_parquet
from tallybook.cli.importing.transfer import transfer
from tallybook.cli.serving import Config, Data
from tallybook.cli.target import FolderTarget, Key, Profile, Url, target_of
from tallybook.intake.cells import TimeUnit
from tallybook.intake.mapping import (
    VERBATIM,
    InvalidMapping,
    Plan,
    Wishes,
    plan_mapping,
    read_wishes,
)


class FileFormat(StrEnum):
    """The formats of files with rows; CSV and NDJSON may be gzip."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".ndjson": FileFormat.NDJSON,
    ".jsonl": FileFormat.NDJSON,
    ".parquet": FileFormat.PARQUET,
    ".pq": FileFormat.PARQUET,
}

_NOT_SEALED = (
    "Until they are sealed, new events are read one by one, as exactly and not as fast. A server"
    " seals them in the background; to do it now: tallybook seal"
)

# What stands for standard input among files.
_DASH = Path("-")

_STOPPED = "Stopped. What is stored stays; the same import again adds what is missing."

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="The files, in this order; - is standard input."),
]
Mapped = Annotated[
    list[str],
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Fill an event's field, tag:NAME or reported_cost.value from a column.",
    ),
]
Fixed = Annotated[
    list[str], typer.Option("--set", metavar="FIELD=VALUE", help="Give every event this value.")
]
Ignored = Annotated[
    list[str], typer.Option("--ignore", metavar="COLUMN", help="Leave a column out.")
]
OnlyMapped = Annotated[
    bool, typer.Option("--only-mapped", help="Leave out every column that is not mapped.")
]
Unit = Annotated[TimeUnit, typer.Option(help="What numeric times count since 1970.")]
Format = Annotated[
    FileFormat | None,
    typer.Option("--format", help="The files' format, where the suffix does not say."),
]
Separator = Annotated[
    Delimiter | None,
    typer.Option(help="What separates the cells of a CSV file, where its header does not say."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the receipt as one JSON object.")]


def import_files(
    *,
    files: Files,
    mapped: Mapped = [],  # noqa: B006 - typer reads the default and copies it
    fixed: Fixed = [],  # noqa: B006
    ignored: Ignored = [],  # noqa: B006
    only_mapped: OnlyMapped = False,
    time_unit: Unit = TimeUnit.SECONDS,
    file_format: Format = None,
    delimiter: Separator = None,
    data: Data = None,
    url: Url = None,
    key: Key = None,
    profile: Profile = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Import usage from CSV, NDJSON or Parquet, exactly once.

    A row without an id of its own gets one made of its content and its
    place, so the same import again adds nothing, and one that was
    interrupted is simply run again. Ends with status 0 when every row is
    stored or was known, with 1 when rows were refused.

    Example: tallybook import trace.csv --set kind=completions
    --map time=TIMESTAMP --map input_tokens=In --map output_tokens=Out
    """
    try:
        wishes = read_wishes(mapped, fixed, ignored, only_mapped=only_mapped)
        target = target_of(url=url, key=key, data=data, profile=profile, config=config)
        with ExitStack() as stack:
            opened = [_open(path, file_format, delimiter, stack) for path in files]
            # All of them before the first is sent: a fault in a mapping stores nothing.
            planned = [(file, _plan(file, wishes)) for file in opened]
            with _progress() as progress:
                task = progress.add_task("import", total=_total(opened))
                report = transfer(
                    planned, target, time_unit, lambda rows: progress.advance(task, rows)
                )
    except (InvalidMapping, UnreadableFile) as fault:
        raise typer.BadParameter(str(fault)) from fault
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False, soft_wrap=True).print(_STOPPED)
        raise
    console = Console(highlight=False)
    (print_json if as_json else print_table)(report, console)
    if report.accepted and not as_json and isinstance(target, FolderTarget):
        console.print(_NOT_SEALED, soft_wrap=True)
    if report.refused:
        raise typer.Exit(1)


def _open(
    path: Path, file_format: FileFormat | None, delimiter: Delimiter | None, stack: ExitStack
) -> RowFile:
    """Open a file in its format until the stack is left.

    Raises UnreadableFile, typer.BadParameter.
    """
    if path == _DASH:
        path, file_format = _spooled(stack), file_format or FileFormat.NDJSON
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        del suffixes[-1]
    found = file_format or (_SUFFIXES.get(suffixes[-1]) if suffixes else None)
    if found is None:
        raise typer.BadParameter(
            f"{path} has none of the suffixes {', '.join(_SUFFIXES)}, with or without .gz;"
            " name its format: --format csv, --format ndjson or --format parquet."
        )
    if not path.is_file():
        raise typer.BadParameter(f"{path} is not a file.")
    file: RowFile
    if found is FileFormat.CSV:
        file = open_csv(path, delimiter)
    else:
        file = NdjsonFile(path) if found is FileFormat.NDJSON else open_parquet(path)
    stack.callback(file.close)
    return file


def _spooled(stack: ExitStack) -> Path:
    """All of standard input as a file until the stack is left: rows are looked at twice."""
    folder = stack.enter_context(TemporaryDirectory(prefix="tallybook-import-"))
    path = Path(folder) / "standard-input"
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return path


def _plan(file: RowFile, wishes: Wishes) -> Plan:
    """How the file's columns become events. Raises InvalidMapping, UnreadableFile."""
    if file.is_empty:
        return VERBATIM
    plan = plan_mapping(wishes, file.columns, str(file.path))
    file.survey(plan)
    if file.unreadable and plan.derives_id:
        first = file.unreadable[0]
        raise InvalidMapping(
            f"{len(file.unreadable)} rows of {file.path} cannot be taken apart, the first of them"
            f" row {first.index} ({first.reason}). Ids are made from the numbers of rows here,"
            " which would change once these are mended: mend them first, or map a column to id."
        )
    return plan


def _total(files: list[RowFile]) -> int | None:
    counts = [file.row_count for file in files]
    return None if None in counts else sum(count or 0 for count in counts)


def _progress() -> Progress:
    """A bar on a terminal's standard error; nothing elsewhere."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
