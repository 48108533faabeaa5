"""The findings of an evaluation as tables for a terminal."""

from collections.abc import Sequence

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from so101_ros.evaluation.comparison import PairedComparison
from so101_ros.evaluation.episode import EpisodeResult
from so101_ros.evaluation.policy_summary import PolicySummary
from so101_ros.evaluation.spread import Spread

_SUMMARY_COLUMNS = (
    "success\n[%]",
    "time to\nsuccess\n[s]",
    "return",
    "final\ndist.\n[mm]",
    "yaw\nerror\n[deg]",
    "margin\n[mm]",
    "answer\n[ms]",
    "steps\n/ s",
)
_SUMMARY_LEGEND = (
    "second lines: 95 % interval (Wilson) of success, worst margin, 99th percentile of the answer "
    "time (first: median); else standard deviation"
)
_COMPARISON_COLUMNS = (
    "both",
    "only\nfirst",
    "only\nsecond",
    "neither",
    "difference\n[points]",
    "p",
)
_COMPARISON_LEGEND = (
    "episodes that succeeded, paired by seed; difference of the success rates, first minus second; "
    "p: McNemar's exact test, two-sided"
)

_SEVERAL_PAIRS = "each p is of its pair alone, not adjusted for the number of pairs"
_MOST_ERRORS = 10  # rows; a message that names its seed would fill the screen
_MOST_SEEDS = 3  # of a row


def summary_table(summaries: Sequence[PolicySummary], proof: Sequence[PolicySummary]) -> Table:
    """One row per policy, and every verdict in words below them.

    Args:
        summaries: The policies.
        proof: Those that the harness proved itself on; a line below the table.

    Returns:
        A table to be printed by a ``rich`` console of 80 columns or more.
    """
    notes = [note for each in summaries for note in _notes(each)]
    notes += [_prove(proof)] if proof else []
    table = _new_table("Policies", [_SUMMARY_LEGEND, *notes])
    table.add_column("policy", overflow="fold")
    for name in _SUMMARY_COLUMNS:
        table.add_column(Text(name), justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for summary in summaries:
        table.add_row(*map(Text, _summary_cells(summary)))
    return table


def comparison_table(comparisons: Sequence[PairedComparison]) -> Table:
    """One row per pair of policies.

    Args:
        comparisons: The pairs.

    Returns:
        A table to be printed by a ``rich`` console of 80 columns or more.
    """
    errors = [
        f"{each.first} and {each.second}: {each.errors} of {each.trials} pairs hold a policy "
        "error or unstable physics, counted as no success"
        for each in comparisons
        if each.errors
    ]
    several = [_SEVERAL_PAIRS] if len(comparisons) > 1 else []
    table = _new_table("Pairs of policies", [_COMPARISON_LEGEND, *several, *errors])
    table.add_column("first", overflow="fold")
    table.add_column("second", overflow="fold")
    for name in _COMPARISON_COLUMNS:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for comparison in comparisons:
        table.add_row(*map(Text, _comparison_cells(comparison)))
    return table


def error_table(results: Sequence[EpisodeResult]) -> Table | None:
    """One row per policy and message of what broke, the most frequent ones.

    Args:
        results: Episodes of all policies.

    Returns:
        A table to be printed by a ``rich`` console; None if nothing broke.
    """
    errors: dict[tuple[str, str], list[int]] = {}
    for result in results:
        if result.ending.broken:
            message = " ".join(result.message.split())
            errors.setdefault((result.policy, message), []).append(result.seed)
    if not errors:
        return None
    more = len(errors) - _MOST_ERRORS
    notes = [f"{more} more messages are in episodes.csv"] if more > 0 else []
    table = _new_table("Policy errors and unstable physics", notes)
    table.add_column("policy", overflow="fold")
    table.add_column("message", overflow="fold")
    table.add_column("episodes", justify="right")
    table.add_column("seeds", justify="right")
    ordered = sorted(errors.items(), key=lambda item: -len(item[1]))
    for (policy, message), seeds in ordered[:_MOST_ERRORS]:
        table.add_row(Text(policy), Text(message), f"{len(seeds)}", _list_seeds(seeds))
    return table


def _list_seeds(seeds: Sequence[int]) -> str:
    """The smallest seeds, one per line."""
    shown = [str(seed) for seed in sorted(seeds)[:_MOST_SEEDS]]
    return "\n".join(shown if len(seeds) <= _MOST_SEEDS else [*shown, "..."])


def _new_table(title: str, notes: Sequence[str]) -> Table:
    """An empty table that is narrow enough for 80 columns."""
    return Table(
        title=title,
        caption=Text("\n".join(["", *notes])) if notes else None,
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=0,
        leading=1,
    )


def _summary_cells(summary: PolicySummary) -> tuple[str, ...]:
    low, high = summary.verdict.interval
    margin, inference = summary.margin, summary.inference
    return (
        summary.policy,
        f"{100 * summary.success_rate:.1f}\n{100 * low:.1f}-{100 * high:.1f}",
        _mean_and_std(summary.time_to_success_s, 2),
        _mean_and_std(summary.episode_return, 2),
        _mean_and_std(summary.final_distance, 1, 1e3),
        _mean_and_std(summary.yaw_error, 1, np.degrees(1.0)),
        f"{1e3 * margin.mean:.1f}\n{1e3 * margin.low:.1f}",
        f"{_short(1e3 * inference.p50)}\n{_short(1e3 * inference.p99)}" if inference else "-",
        _short(summary.steps_per_s),
        summary.verdict.decision.value,
    )


def _comparison_cells(comparison: PairedComparison) -> tuple[str, ...]:
    return (
        comparison.first,
        comparison.second,
        f"{comparison.both}",
        f"{comparison.only_first}",
        f"{comparison.only_second}",
        f"{comparison.neither}",
        f"{comparison.difference:+.1f}",
        f"{comparison.p_value:.2g}",
    )


def _mean_and_std(spread: Spread | None, digits: int, scale: float = 1.0) -> str:
    if spread is None:
        return "-"
    mean = f"{scale * spread.mean:.{digits}f}"
    return mean if spread.std is None else f"{mean}\n± {scale * spread.std:.{digits}f}"


def _short(number: float) -> str:
    """At least two significant digits, and no decimals that say nothing."""
    decimals = 2 if number < 10.0 else 1 if number < 100.0 else 0
    return f"{number:.{decimals}f}"


def _notes(summary: PolicySummary) -> list[str]:
    """The verdict, and what hints at a policy that is broken rather than weak."""
    hints = (
        (summary.unavailable_share, "had no answer"),
        (summary.clipped_share, "wanted a joint beyond its limits (wrong units?)"),
    )
    return [
        f"{summary.policy}: {summary.verdict.text}",
        *(
            f"{summary.policy}: in {_short(100 * share)} % of its ticks it {what}"
            for share, what in hints
            if share > 0.0
        ),
    ]


def _prove(proof: Sequence[PolicySummary]) -> str:
    parts = [f"{each.policy} {each.successes} of {each.episodes}" for each in proof]
    return f"proof of the harness on the same seeds: {', '.join(parts)}"
