"""What a check found out about one thing."""

from dataclasses import dataclass
from enum import Enum


class Verdict(str, Enum):
    """Whether what is given is what is expected."""

    OK = "ok"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"
    """The source does not tell, or it may be either."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of a check.

    Attributes:
        subject: What was looked at, such as ``video.front``.
        given: What is there.
        expected: What should be there.
        verdict: Whether it is.
        fix: What to do; empty if it is.
    """

    subject: str
    given: str
    expected: str
    verdict: Verdict
    fix: str = ""

    def __str__(self) -> str:
        """One line for messages."""
        advice = f" ({self.fix})" if self.fix else ""
        return f"{self.subject}: got {self.given}, expected {self.expected}{advice}"
