"""How long inverse kinematics and the policy around it think."""

import time
from collections.abc import Callable, Iterable

from so101_ros.benchmark.figure import Figure, percentile_figures
from so101_ros.benchmark.recorded_episode import record_episode
from so101_ros.control.ik import HandTarget, IkSolver
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.rates import Rates
from so101_ros.simulation.config import SceneConfig


def measure_ik(ticks: int = 105) -> list[Figure]:
    """Follow the hand of one solved episode with the IK, then answer it with the whole policy.

    Args:
        ticks: Policy ticks of the episode; it is solved after about 105.

    Returns:
        Time of an IK step and of the policy's answer: median and 99th percentile.
    """
    observations = record_episode(seed=0, ticks=ticks).observations
    kinematics, period_s = ArmKinematics(), Rates().policy_period_s
    solver = IkSolver(kinematics, PRESS)
    path = [observation.joints.q for observation in observations]
    targets = [HandTarget(*kinematics.site_pose(q, PRESS)) for q in path]
    policy = PressAndDragPolicy(SceneConfig())
    policy.reset(0)
    steps = [
        (lambda q=q, target=target: solver.step(q, target, period_s))
        for q, target in zip(path[:-1], targets[1:], strict=True)
    ]
    answers = [(lambda seen=observation: policy.act(seen)) for observation in observations]
    return [
        *percentile_figures("IK step", _time_ms(steps), "ms"),
        *percentile_figures("policy answer, planner and IK", _time_ms(answers), "ms"),
    ]


def _time_ms(calls: Iterable[Callable[[], object]]) -> list[float]:
    """Wall time of each call in [ms]."""
    times_ms = []
    for call in calls:
        began_s = time.perf_counter()
        call()
        times_ms.append(1e3 * (time.perf_counter() - began_s))
    return times_ms
