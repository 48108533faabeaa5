"""A sweep as a table, for a terminal and for a page."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from so101_ros.evaluation.sweep import SweepCell, SweepResults

_LEGEND = (
    "interval: 95 % (Wilson) of the success rate; time to success: mean; errors: episodes in which "
    "policy or physics broke, counted as no success"
)
_NOT_JUDGED = "not judged"


def sweep_table(results: SweepResults) -> Table:
    """One row per scene and policy.

    Args:
        results: What the sweep came to.

    Returns:
        A table to be printed by a ``rich`` console of 80 columns or more.
    """
    table = Table(title="Scenes", caption=_LEGEND, caption_justify="left", box=SIMPLE_HEAD)
    table.add_column("scene", overflow="fold")
    table.add_column("policy", overflow="fold")
    for name in ("success\n[%]", "interval\n[%]", "time to\nsuccess [s]", "episodes", "errors"):
        table.add_column(Text(name), justify="right", no_wrap=True)
    for scene in results.scenes:
        for policy in results.policies:
            table.add_row(*map(Text, (scene, policy, *_cells(results.find(scene, policy)))))
    return table


def sweep_markdown(results: SweepResults) -> str:
    """One row per scene and one column per policy, with the command that makes it.

    Args:
        results: What the sweep came to.
    """
    episodes = results.evaluations[0].episodes
    rows = [
        ["scene", *(f"`{policy}`" for policy in results.policies)],
        ["---"] * (1 + len(results.policies)),
        *(
            [scene, *(_markdown_cell(results.find(scene, policy)) for policy in results.policies)]
            for scene in results.scenes
        ),
    ]
    table = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    return (
        f"{table}\n\nSuccess of {episodes} episodes each with its 95 % interval (Wilson), and the "
        f"mean time to success.\n\n```\n{results.command}\n```\n"
    )


def _cells(cell: SweepCell | None) -> Sequence[str]:
    if cell is None:
        return (_NOT_JUDGED, "-", "-", "-", "-")
    return (
        f"{100 * cell.success_rate:.1f}",
        f"{100 * cell.interval.low:.1f}-{100 * cell.interval.high:.1f}",
        "-" if cell.time_to_success_s is None else f"{cell.time_to_success_s:.2f}",
        f"{cell.episodes}",
        f"{cell.errors}",
    )


def _markdown_cell(cell: SweepCell | None) -> str:
    if cell is None:
        return _NOT_JUDGED
    low, high = (100 * end for end in cell.interval)
    text = f"{100 * cell.success_rate:.1f} % ({low:.1f} to {high:.1f})"
    return text if cell.time_to_success_s is None else f"{text}, {cell.time_to_success_s:.1f} s"
