"""The file with everything that an evaluation found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from so101_ros.errors import RecordingError
from so101_ros.evaluation.comparison import PairedComparison
from so101_ros.evaluation.machine import MachineFacts
from so101_ros.evaluation.policy_summary import PolicySummary
from so101_ros.output_files import whole_file

SCHEMA_VERSION = 1
"""Grows when an entry changes its meaning or goes away; new ones may appear without."""


@dataclass(frozen=True, slots=True)
class EvaluationResults:
    """What an evaluation found.

    Attributes:
        started: When it began, as ISO 8601 with its time zone.
        settings: What was asked for, as plain data.
        machine: Where it ran.
        summaries: One per policy.
        comparisons: One per pair of policies.
        proof: Summaries of the policies that the harness proved itself on, on the same seeds.
    """

    started: str
    settings: Mapping[str, Any]
    machine: MachineFacts
    summaries: Sequence[PolicySummary]
    comparisons: Sequence[PairedComparison]
    proof: Sequence[PolicySummary]

    def to_dict(self) -> dict[str, Any]:
        """Plain data with units in the names."""
        return {
            "schema_version": SCHEMA_VERSION,
            "started": self.started,
            "settings": dict(self.settings),
            "machine": self.machine.to_dict(),
            "policies": [summary.to_dict() for summary in self.summaries],
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "proof": [summary.to_dict() for summary in self.proof],
        }


def write_results(path: Path, results: EvaluationResults) -> None:
    """Write the results as JSON; whoever reads the file sees the old one or the new one, whole.

    Args:
        path: The file.
        results: What to write.

    Raises:
        RecordingError: If the file cannot be written.
        ValueError: If a number is not finite; JSON has no way to write it.
    """
    text = json.dumps(results.to_dict(), indent=2, allow_nan=False) + "\n"
    try:
        with whole_file(path) as stream:
            stream.write(text.encode())
    except OSError as err:
        raise RecordingError(f"{path} cannot be written: {err.strerror}") from err
