"""The file with everything that an evaluation found."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from episode_results import make_results

from so101_ros.errors import RecordingError
from so101_ros.evaluation.comparison import compare
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.policy_summary import summarise
from so101_ros.evaluation.results_file import EvaluationResults, write_results


def _results(episodes: int = 100) -> EvaluationResults:
    ik, zero = make_results(episodes), make_results(0, episodes, policy="zero")
    inference_s = np.full(10, 0.002)
    summaries = [summarise("ik", ik, inference_s), summarise("zero", zero, np.array([]))]
    return EvaluationResults(
        started="2026-01-02T03:04:05+00:00",
        settings={"episodes": episodes, "seed": 0},
        machine=MachineFacts.collect(),
        summaries=summaries,
        comparisons=[compare(ik, zero)],
        proof=[summaries[1]],
    )


def test_everything_comes_back_as_json(tmp_path: Path) -> None:
    """Strict JSON, and what was given is in it."""
    path = tmp_path / "results.json"
    results = _results()
    write_results(path, results)
    data = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert data == results.to_dict()
    assert data["schema_version"] == 1
    assert data["settings"] == {"episodes": 100, "seed": 0}
    assert [policy["policy"] for policy in data["policies"]] == ["ik", "zero"]
    assert data["policies"][0]["inference_ms"]["p50"] == pytest.approx(2.0)
    assert data["comparisons"][0]["only_first"] == 100
    assert data["proof"][0]["successes"] == 0
    assert {"mujoco", "gymnasium", "scipy"} <= set(data["machine"]["versions"])


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """The second results take the place of the first, and nothing else stays in the folder."""
    path = tmp_path / "results.json"
    write_results(path, _results(100))
    write_results(path, _results(2))
    assert json.loads(path.read_text())["policies"][0]["episodes"] == 2
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_number_leaves_the_old_file(tmp_path: Path) -> None:
    """NaN is no JSON; the results of before are untouched."""
    path = tmp_path / "results.json"
    path.write_text("before")
    broken = summarise("ik", make_results(3), np.array([np.nan]))
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results(path, replace(_results(), summaries=[broken]))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_path_is_named(tmp_path: Path) -> None:
    """The message has the path and the reason."""
    path = tmp_path / "missing" / "results.json"
    with pytest.raises(RecordingError, match=r"results\.json cannot be written: No such file"):
        write_results(path, _results())
