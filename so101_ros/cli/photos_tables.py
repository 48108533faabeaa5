"""Tables of the photo commands."""

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from so101_ros.adaptation.gap import Estimate, Gap


def gap_table(gaps: Mapping[str, Gap]) -> Table:
    """List the gap in each group of features.

    Args:
        gaps: The gaps by group; all with a filter, or none.
    """
    filtered = any(gap.after is not None for gap in gaps.values())
    table = Table(box=SIMPLE_HEAD)
    table.add_column("features")
    titles = ("before", "after", "left") if filtered else ("gap",)
    for title in (*titles, "half the photos to the others"):
        table.add_column(title, justify="right")
    for name, gap in gaps.items():
        cells = [_estimate(gap.before)]
        if gap.after is not None:
            cells += [_estimate(gap.after), f"{100.0 * gap.after.value / gap.before.value:.0f} %"]
        table.add_row(name, *cells, f"{gap.halves:.4f}")
    return table


def _estimate(figure: Estimate) -> str:
    return f"{figure.value:.4f} ({figure.low:.4f} to {figure.high:.4f})"
