"""What the GR00T node tells of its model once a second."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.chunk_plan import ChunkPlan
from so101_ros.rates import NANOSECONDS

_REMEMBERED = 100  # answers: half a minute of them


@dataclass
class AnswerLog:
    """Times and jumps of the last answers.

    Attributes:
        answers: How many have come.
        failures: How many questions had no answer.
        findings: What the last look at live state and images found.
    """

    answers: int = 0
    failures: int = 0
    findings: tuple[Finding, ...] = ()
    _inference_s: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _observation_age_s: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _seam_jump: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    @property
    def strange(self) -> list[Finding]:
        """What is unlike the training data."""
        return [each for each in self.findings if each.verdict is Verdict.MISMATCH]

    @property
    def last_inference_s(self) -> float:
        """Wall time of the last answer in [s]; 0 before the first."""
        return self._inference_s[-1] if self._inference_s else 0.0

    def note(self, plan: ChunkPlan, inference_s: float, age_s: float, *, used: bool) -> None:
        """Take in an answer.

        Args:
            plan: What it was joined to.
            inference_s: Wall time that it took, in [s].
            age_s: Age of its observation when it came, in [s].
            used: Whether anything of it was left.
        """
        self.answers += 1
        self._inference_s.append(inference_s)
        self._observation_age_s.append(age_s)
        joined = plan.last_splice
        if used and joined is not None and joined.seam_jump is not None:
            self._seam_jump.append(float(np.abs(joined.seam_jump).max()))

    def values(self, plan: ChunkPlan, now_ns: int) -> dict[str, object]:
        """Tell all that in texts for ``diagnostics``.

        Args:
            plan: What is being executed.
            now_ns: Now, in [ns].
        """
        values: dict[str, object] = {
            "answers": self.answers,
            "failures": self.failures,
            "late_answers": plan.late,
        }
        if self._inference_s:
            p50_s, p99_s = np.percentile(self._inference_s, [50, 99])
            values |= {
                "inference_p50_ms": 1e3 * float(p50_s),
                "inference_p99_ms": 1e3 * float(p99_s),
            }
            values["observation_age_s"] = self._observation_age_s[-1]
        if plan.current is not None:
            values["chunk_age_s"] = (now_ns - plan.current.stamp_ns) / NANOSECONDS
        if plan.last_splice is not None:
            values["skipped_rows"] = plan.last_splice.skipped
        if self._seam_jump:
            values["seam_jump_rad"] = self._seam_jump[-1]
            values["seam_jump_max_rad"] = max(self._seam_jump)
        return values
