"""What ``dashboard.py`` measured as tables, for people."""

import os
from typing import Any

from contenders.tallybook import Tallybook
from flow import CONNECTIONS
from stream import BATCH


def print_section(section: dict[str, Any]) -> None:
    """The table of one size, for people."""
    names = section["contenders"]
    others = [name for name in names if name != Tallybook.name]
    first = section["rows"][0]["ms"]
    rounds = ", ".join(f"{name} {first[name]['rounds']}" for name in names)
    print(f"\n{section['events']:,} events of 180 days, {os.cpu_count()} cores; rounds: {rounds}")
    heads = "".join(f"  {name:>10}  ratio" for name in others)
    print(f"{'median milliseconds':32}{'results':>8}  {Tallybook.name:>9}  {'p95':>7}{heads}")
    for row in section["rows"]:
        own = row["ms"][Tallybook.name]
        cells = "".join(
            f"  {row['ms'][name]['median']:>10,.1f}  {row['ms'][name]['ratio']:>5.3g}"
            for name in others
        )
        print(
            f"{row['question']:32}{row['results']:>8,}  {own['median']:>9,.1f}"
            f"  {own['p95']:>7,.1f}{cells}"
        )
    sizes = ", ".join(f"{name} {size}" for name, size in section["bytes per event"].items())
    print(f"bytes on disk per event: {sizes}")
    print(
        f"server ready after {section['seconds to ready']} s,"
        f" never more than {section['resident MiB at most']} MiB resident"
    )


def print_flow(result: dict[str, Any]) -> None:
    """What went in, for people."""
    print(
        f"\n{result['events']:,} events of {result['bytes per event']} bytes,"
        f" {result['repeats']:,} of them twice, {BATCH:,} a request, {CONNECTIONS} connections"
    )
    print(f"{'events/s into':32}{'all':>9}  {'first tenth':>11}  {'last tenth':>10}")
    measured = {name: each for name, each in result.items() if isinstance(each, dict)}
    for name, each in measured.items():
        tenths = each["events/s by tenths"]
        print(f"{name:32}{each['events/s']:>9,}  {tenths[0]:>11,}  {tenths[-1]:>10,}")
    for name, each in measured.items():
        if "meanwhile" not in each:
            continue
        meanwhile = each["meanwhile"]
        print(
            f"\n{name}: questions while {meanwhile['events/s']:,} events/s of"
            f" {meanwhile['rate']:,} arrive; {meanwhile['markers']} acknowledged events"
            " were in the answer at once"
        )
        print(f"{'milliseconds':32}{'p50':>9}  {'p95':>9}")
        for question, times in meanwhile["ms"].items():
            print(f"{question:32}{times['p50']:>9,.1f}  {times['p95']:>9,.1f}")
        print(f"never more than {each['resident MiB at most']} MiB resident")
