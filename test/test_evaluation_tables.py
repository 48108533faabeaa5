"""The findings of an evaluation on a terminal."""

import dataclasses
import io

import numpy as np
import pytest
from episode_results import make_result, make_results
from rich.console import Console
from rich.table import Table

from so101_ros.evaluation.comparison import compare
from so101_ros.evaluation.episode import Ending
from so101_ros.evaluation.policy_summary import PolicySummary, summarise
from so101_ros.evaluation.tables import comparison_table, error_table, summary_table
from so101_ros.task.measures import PaperMeasures

INFERENCE_S = np.full(100, 0.1917)


def _print(table: Table | None, width: int) -> list[str]:
    assert table is not None
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def _read(table: Table | None) -> str:
    """All words, wherever the lines break."""
    return " ".join(" ".join(_print(table, 110)).split())


def _far_off(policy: str) -> PolicySummary:
    """A policy whose every figure is as long as it gets."""
    results = make_results(15, 85, policy=policy)
    wide = [
        dataclasses.replace(
            each,
            episode_return=(-1) ** each.seed * 20.0 - 60.0,
            final=PaperMeasures(0.2 + 0.1 * (each.seed % 3), 1.2 * (each.seed % 2), -0.25),
            time_to_success_s=each.time_to_success_s and 8.0 + 5.0 * (each.seed % 2),
        )
        for each in results
    ]
    return summarise(policy, wide, INFERENCE_S)


def _summaries() -> list[PolicySummary]:
    ik = summarise("ik", make_results(97, 3), np.full(10, 0.0003))
    broken = summarise("groot", make_results(0, 97, 3, policy="groot"), np.array([]))
    return [ik, _far_off("residual"), broken]


@pytest.mark.parametrize("width", [80, 110])
def test_no_figure_is_cut_off(width: int) -> None:
    """At both widths every cell stands whole, and no line is longer than the terminal."""
    lines = _print(summary_table(_summaries(), []), width)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    assert "…" not in text
    for cell in ("91.5-99.0", "9.3-23.3", "undecided", "-250.0", "± 34.6", "-60.00", "± 20.10"):
        assert cell in text, cell


def test_a_row_holds_a_policys_figures_in_the_units_of_the_header() -> None:
    """The numbers are those of the summary: percent, seconds, millimetres, degrees."""
    lines = _print(summary_table(_summaries(), []), 110)
    (first,) = (line for line in lines if line.startswith("ik "))
    margin, yaw = "15.0", f"{np.degrees(0.01):.1f}"
    assert first.split() == (
        ["ik", "97.0", "4.00", "12.50", "2.0", yaw, margin, "0.30", "480", "accept"]
    )
    (broken,) = (line for line in lines if line.startswith("groot "))
    assert broken.split()[1:3] == ["0.0", "-"]
    assert broken.split()[-3:] == ["-", "480", "invalid"]


def test_verdicts_and_the_proof_are_told_in_words() -> None:
    """The lines below the table say what to do next, and why to believe it."""
    proof = [
        summarise("oracle", make_results(100, policy="oracle"), INFERENCE_S),
        summarise("zero", make_results(0, 100, policy="zero"), INFERENCE_S),
    ]
    lines = [line.rstrip() for line in _print(summary_table(_summaries(), proof), 110)]
    assert "ik: accept: 91.5 to 99.0 % is at least 20 %" in lines
    assert "groot: no verdict: 3 of 100 episodes ended in a policy error" in lines
    assert "proof of the harness on the same seeds: oracle 100 of 100, zero 0 of 100" in lines
    assert "proof" not in "".join(_print(summary_table(_summaries(), []), 110))


def test_a_long_name_is_folded_and_not_cut() -> None:
    """A policy that is named by a path stays whole at 80 columns."""
    name = "replay:/data/evaluations/nominal/traces/ik"
    lines = _print(summary_table([_far_off(name)], []), 80)
    rows = lines[lines.index(next(line for line in lines if "───" in line)) + 1 :]
    folded = "".join(line.split(" ")[0] for line in rows[: rows.index(next(filter(_blank, rows)))])
    assert folded == name


def _blank(line: str) -> bool:
    return not line.strip()


@pytest.mark.parametrize("width", [80, 110])
def test_pairs_show_their_counts_and_p(width: int) -> None:
    """Four counts, the difference with its sign, and two digits of p."""
    pair = compare(make_results(97, 3), make_results(15, 84, 1, policy="residual"))
    lines = _print(comparison_table([pair]), width)
    row = next(line for line in lines if line.startswith("ik "))
    assert row.split() == ["ik", "residual", "15", "82", "0", "3", "+82.0", "4.1e-25"]
    assert "ik and residual: 1 of 100 pairs hold a policy error" in "\n".join(lines)
    assert max(map(len, lines)) <= width


def test_errors_are_counted_by_message() -> None:
    """Equal messages are one row with its seeds; markup in them is text."""
    messages = ["shape (5,)\n[/b] is wrong", "NaN", "shape (5,)\n[/b] is wrong"]
    failed = [
        make_result(seed, Ending.POLICY_ERROR, message=message)
        for seed, message in enumerate(messages, start=40)
    ]
    lines = _print(error_table([*make_results(5, 5), *failed]), 80)
    rows = [line.split() for line in lines if line.startswith("ik")]
    assert rows == [
        ["ik", "shape", "(5,)", "[/b]", "is", "wrong", "2", "40"],
        ["ik", "NaN", "1", "41"],
    ]
    assert "42" in lines[next(n for n, line in enumerate(lines) if "shape" in line) + 1].split()


def test_many_messages_do_not_fill_the_screen() -> None:
    """Such as those that name their seed; the rest is in a file."""
    failed = [make_result(n, Ending.POLICY_ERROR, message=f"no seed {n}") for n in range(500)]
    table = error_table(failed)
    assert len(_print(table, 80)) < 40
    assert "490 more messages are in episodes.csv" in _read(table)


def test_signs_of_a_broken_policy_are_told() -> None:
    """Missing answers and targets beyond the limits, but only if there were any."""
    results = [
        dataclasses.replace(each, unavailable_ticks=30, clipped_ticks=120)
        for each in make_results(0, 4)
    ]
    text = _read(summary_table([summarise("mine", results, INFERENCE_S)], []))
    assert "mine: in 25.0 % of its ticks it had no answer" in text
    assert "mine: in 100 % of its ticks it wanted a joint beyond its limits (wrong units?)" in text
    well = [dataclasses.replace(each, clipped_ticks=0) for each in make_results(4)]
    text = _read(summary_table([summarise("mine", well, INFERENCE_S)], []))
    assert "of its ticks" not in text


def test_several_pairs_are_not_called_one_test() -> None:
    """With more than one p somebody will find a small one."""
    pair = compare(make_results(97, 3), make_results(15, 85, policy="residual"))
    assert "not adjusted" not in _read(comparison_table([pair]))
    several = _read(comparison_table([pair, pair, pair]))
    assert "not adjusted for the number of pairs" in several


def test_without_errors_there_is_no_table_of_them() -> None:
    """Failing to return the sheet is no policy error."""
    assert error_table(make_results(5, 5)) is None
