"""The questions as a picture: one bar for each contender, on a logarithmic scale."""

from pathlib import Path
from typing import Any

from contenders.contender import Missing

COLORS = {
    "Tallybook": "#0f766e",
    "DuckDB": "#d4a017",
    "ClickHouse": "#8a8f98",
    "PostgreSQL": "#5b7db1",
}
_INK, _FAINT = "#1f2933", "#d9dee4"


def draw(sections: list[dict[str, Any]], path: Path) -> None:
    """Draw a panel for each size, questions from top to bottom. Raises Missing."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - only for those who want a picture
    except ImportError:
        raise Missing("The picture is left out: pip install matplotlib") from None
    bars = [len(each["rows"]) * (len(each["contenders"]) + 1) for each in sections]
    figure = Figure(figsize=(9, 1.2 * len(sections) + 0.19 * sum(bars)), dpi=160)
    panels = figure.subplots(len(sections), 1, squeeze=False, gridspec_kw={"height_ratios": bars})[
        :, 0
    ]
    top = max(ms for each in sections for row in each["rows"] for ms in _medians(each, row))
    low = min(ms for each in sections for row in each["rows"] for ms in _medians(each, row))
    for panel, section in zip(panels, sections, strict=True):
        _draw_panel(panel, section)
        panel.set_xlim(10 ** _floor_of(low), top * 4)
    figure.tight_layout(h_pad=2)
    figure.savefig(path, facecolor="white")


def _medians(section: dict[str, Any], row: dict[str, Any]) -> list[float]:
    return [row["ms"][name]["median"] for name in section["contenders"] if name in row["ms"]]


def _floor_of(ms: float) -> int:
    """The power of ten at or below a time, but for a little room."""
    power = 0
    while 10**power > ms * 0.8:
        power -= 1
    while 10 ** (power + 1) <= ms * 0.8:
        power += 1
    return power


def _draw_panel(panel: Any, section: dict[str, Any]) -> None:
    names = section["contenders"]
    step = len(names) + 1
    for place, name in enumerate(names):
        at = [row * step + place for row in range(len(section["rows"]))]
        widths = [row["ms"][name]["median"] for row in section["rows"]]
        drawn = panel.barh(at, widths, height=0.92, color=COLORS[name], label=name)
        weight = "bold" if name == "Tallybook" else "normal"
        texts = [_text_of(ms) for ms in widths]
        panel.bar_label(drawn, texts, padding=4, fontsize=8, color=_INK, fontweight=weight)
    middle = (len(names) - 1) / 2
    panel.set_yticks(
        [row * step + middle for row in range(len(section["rows"]))],
        [row["question"] for row in section["rows"]],
        fontsize=9.5,
        color=_INK,
    )
    panel.margins(y=0.01)
    panel.invert_yaxis()
    panel.set_xscale("log")
    panel.xaxis.set_major_formatter(lambda ms, _: _text_of(ms))
    panel.minorticks_off()
    panel.tick_params(axis="x", labelsize=8, colors=_INK, length=0)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x", color=_FAINT, linewidth=0.8)
    panel.set_axisbelow(True)
    for side in ("top", "right", "bottom"):
        panel.spines[side].set_visible(False)
    panel.spines["left"].set_color(_FAINT)
    title = f"{section['events']:,} events of 180 days: time to the whole answer, log scale"
    panel.set_title(title, loc="left", fontsize=11, fontweight="bold", color=_INK, pad=24)
    panel.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(names), frameon=False, fontsize=8.5,
        borderpad=0, handlelength=1, borderaxespad=0.4,
    )  # fmt: skip


def _text_of(ms: float) -> str:
    """A time as people say it."""
    if ms >= 1_000:
        return f"{ms / 1_000:.3g} s"
    return f"{ms:.3g} ms"
