"""Ask a policy, whoever wrote it, and tell apart an answer, no answer and a failure."""

import time
from dataclasses import dataclass

from so101_ros.errors import PolicyUnavailable, So101Error
from so101_ros.observation import Observation
from so101_ros.policies.base import Policy
from so101_ros.policies.foreign_error import describe_error
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
        KeyboardInterrupt: If the user wants to end.
    """
    try:
        policy.reset(seed)
    except KeyboardInterrupt:
        raise
    except BaseException as err:  # Foreign code: also its sys.exit() is told, not followed.
        raise PolicyFailure(f"reset: {describe_error(err)}") from err


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
        KeyboardInterrupt: If the user wants to end.
    """
    began_s = time.perf_counter()
    try:
        action = policy.act(observation)
    except PolicyUnavailable as err:
        reason = describe_error(err) or "it gives no reason"
        return Answer(None, reason, time.perf_counter() - began_s)
    except KeyboardInterrupt:
        raise
    except BaseException as err:  # Foreign code: also its sys.exit() is told, not followed.
        raise PolicyFailure(describe_error(err)) from err
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
