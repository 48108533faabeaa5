"""Ask a policy, whoever wrote it, and tell apart an answer, no answer and a failure."""

import time
from dataclasses import dataclass

from so101_ros.errors import PolicyUnavailable, So101Error
from so101_ros.observation import Observation
from so101_ros.policies.base import Policy
from so101_ros.trajectory import JointTrajectory


class PolicyFailure(So101Error):
    """A policy has raised something, or answered with something that is no answer.

    The cause, with its traceback, is the exception's ``__cause__``.
    """


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a policy said to one observation.

    Attributes:
        action: Its targets; None if it has no safe answer now.
        reason: Why it has none; empty if it has one.
        inference_s: Wall time it took, in [s].
    """

    action: JointTrajectory | None
    reason: str
    inference_s: float


def begin(policy: Policy, seed: int) -> None:
    """Let a policy begin an episode.

    Args:
        policy: Any policy.
        seed: Seed of everything random in it.

    Raises:
        PolicyFailure: If it raises anything.
    """
    try:
        policy.reset(seed)
    except Exception as err:  # Foreign code: whatever it raises is told, not passed over.
        raise PolicyFailure(f"reset: {_describe(err)}") from err


def ask(policy: Policy, observation: Observation) -> Answer:
    """Ask a policy what to do.

    Args:
        policy: Any policy.
        observation: The arm and the sheet now.

    Returns:
        Its answer, or that it has none.

    Raises:
        PolicyFailure: If it raises anything but :class:`PolicyUnavailable`, or answers with
            something else than a trajectory stamped with the observation.
    """
    began_s = time.perf_counter()
    try:
        action = policy.act(observation)
    except PolicyUnavailable as err:
        return Answer(None, str(err), time.perf_counter() - began_s)
    except Exception as err:  # Foreign code: whatever it raises is told, not passed over.
        raise PolicyFailure(_describe(err)) from err
    inference_s = time.perf_counter() - began_s
    _check(action, observation)
    return Answer(action, "", inference_s)


def _check(action: object, observation: Observation) -> None:
    if not isinstance(action, JointTrajectory):
        raise PolicyFailure(
            f"the policy answered with a {type(action).__name__}; a policy answers with a "
            "JointTrajectory of absolute joint targets in rad"
        )
    if action.stamp_ns != observation.stamp_ns:
        raise PolicyFailure(
            f"the policy's answer is stamped {action.stamp_ns} ns, the observation "
            f"{observation.stamp_ns} ns; stamp it with the observation"
        )


def _describe(err: Exception) -> str:
    text = " ".join(str(err).split())
    return text if isinstance(err, So101Error) else f"{type(err).__name__}: {text}"
