"""Compare joint positions with what the model's training data had."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from so101_ros.arm import HOME_Q, JOINT_NAMES, ArmSpec
from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.checks.unit_guess import (
    Limits,
    Span,
    guess_faults,
    guess_fixes,
    is_inside,
    is_reachable,
)
from so101_ros.groot.joint_map import JointMap
from so101_ros.groot.model_contract import ValueRange
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import build_arm_spec

_OUT_OF_REACH = "the joint cannot go there: look at unit, offset_rad and scale of {name}"
_NEVER_SEEN = "the model has seen no such pose; expect little of its answers there"


@dataclass(frozen=True)
class _Joint:
    """One joint of a key: where it is, and what training had."""

    name: str
    limits: Limits
    span: Span
    q: float | None
    measured: bool


@cache
def nominal_arm() -> ArmSpec:
    """The arm of the robot model that comes with the package."""
    return ArmSpec.from_model(build_arm_spec(SceneConfig()).compile())


def check_home(profile: EmbodimentProfile, ranges: Mapping[str, ValueRange]) -> list[Finding]:
    """Compare the arm's home pose with the training data's states.

    Args:
        profile: Units and order of the joints.
        ranges: Of the training data by state key.

    Returns:
        A finding per joint that is wrong, or one per key if none is.
    """
    return _check_part(profile, "state", ranges, HOME_Q, measured=False)


def check_measured(
    profile: EmbodimentProfile, ranges: Mapping[str, ValueRange], q: np.ndarray
) -> list[Finding]:
    """Compare measured positions with the training data's states.

    Args:
        profile: Units and order of the joints.
        ranges: Of the training data by state key.
        q: Positions in [rad], in arm order; those that the profile does not show are not looked at.
            Shape (6,).

    Returns:
        A finding per joint that is wrong, or one per key if none is.
    """
    return _check_part(profile, "state", ranges, q, measured=True)


def check_actions(profile: EmbodimentProfile, ranges: Mapping[str, ValueRange]) -> list[Finding]:
    """Find out whether the arm can go where the training data's actions are.

    Args:
        profile: Units and order of the joints.
        ranges: Of the training data by action key.

    Returns:
        A finding per joint that is wrong, or one per key if none is.
    """
    return _check_part(profile, "action", ranges, None, measured=False)


def _check_part(
    profile: EmbodimentProfile,
    part: str,
    ranges: Mapping[str, ValueRange],
    q: np.ndarray | None,
    *,
    measured: bool,
) -> list[Finding]:
    """Look at every key of ``state`` or ``action``."""
    keys: Mapping[str, tuple[str, ...]] = getattr(profile, part)
    return [
        finding
        for key, names in keys.items()
        for finding in _check_key(
            profile, f"{part}.{key}", _joints(names, ranges.get(key), q, measured)
        )
    ]


def _joints(
    names: tuple[str, ...], values: ValueRange | None, q: np.ndarray | None, measured: bool
) -> list[_Joint]:
    """Joints of a key; none where there is nothing to compare."""
    if values is None or len(values.low) != len(names):
        return []
    arm = nominal_arm()
    indices = [JOINT_NAMES.index(name) for name in names]
    return [
        _Joint(
            name=JOINT_NAMES[index],
            limits=Limits(float(arm.lower[index]), float(arm.upper[index])),
            span=Span(float(values.low[place]), float(values.high[place])),
            q=None if q is None else float(q[index]),
            measured=measured,
        )
        for place, index in enumerate(indices)
    ]


def _is_right(profile: EmbodimentProfile, joint: _Joint) -> bool:
    if joint.span.low == joint.span.high:
        return True  # GR00T does not let the model see a joint that never moved
    units = profile.joints[joint.name]
    seen = joint.q is None or is_inside(units, joint.q, joint.span)
    return seen and is_reachable(units, joint.limits, joint.span)


def _check_key(profile: EmbodimentProfile, subject: str, joints: list[_Joint]) -> list[Finding]:
    if not joints:
        untold = "not told, or of another dimension"
        return [Finding(f"{subject} range", "-", untold, Verdict.UNKNOWN)]
    wrong = [each for each in joints if not _is_right(profile, each)]
    if not wrong:
        return [Finding(f"{subject} range", "inside", "as in training", Verdict.OK)]
    shuffled = _fits_in_another_order(profile, joints)
    return [_explain(profile, subject, each, shuffled, len(wrong) == 1) for each in wrong]


def _explain(
    profile: EmbodimentProfile, subject: str, joint: _Joint, shuffled: bool, alone: bool
) -> Finding:
    """Say what is wrong with a joint.

    Args:
        profile: Units and order of the joints.
        subject: The key.
        joint: The joint.
        shuffled: Whether all values of the key would be right for other joints of it.
        alone: Whether no other joint of the key is wrong.
    """
    units = profile.joints[joint.name]
    reaches = is_reachable(units, joint.limits, joint.span)
    fix = _guess(units, joint, reaches)
    nobody_knows = not fix and reaches and not joint.measured
    if shuffled and not alone:
        fix = f"the joints in another order? Compare with the data set's names of {subject}"
    return Finding(
        f"{subject} {joint.name}",
        _describe(units, joint),
        str(joint.span),
        Verdict.UNKNOWN if nobody_knows else Verdict.MISMATCH,
        fix or (_NEVER_SEEN if reaches else _OUT_OF_REACH.format(name=joint.name)),
    )


def _guess(units: JointMap, joint: _Joint, reaches: bool) -> str:
    """What is wrong; empty if nobody knows."""
    if joint.measured and reaches and joint.q is not None:
        faults = guess_faults(units, joint.limits, joint.span, joint.q)
        if faults:
            return f"{' or '.join(faults)}? Look at {joint.name} of joint_states"
    fixes = guess_fixes(units, joint.limits, joint.span, joint.q)
    if not fixes and not reaches:  # the training data alone tell, wherever our pose is
        fixes = guess_fixes(units, joint.limits, joint.span, None)
    return f"{' or '.join(fixes)}? Set it for {joint.name} in the profile" if fixes else ""


def _describe(units: JointMap, joint: _Joint) -> str:
    if joint.q is not None:
        return f"{float(units.from_rad(joint.q)):.4g}"
    low, high = sorted(units.from_rad(joint.limits).tolist())
    return f"{low:.4g} to {high:.4g} within the joint's limits"


def _fits_in_another_order(profile: EmbodimentProfile, joints: list[_Joint]) -> bool:
    """Whether each value lies in the training data of some joint, and no two in the same."""
    if not all(is_reachable(profile.joints[each.name], each.limits, each.span) for each in joints):
        return False  # a wrong unit makes room for any value
    misfits = [
        [
            value.q is None or not is_inside(profile.joints[value.name], value.q, place.span)
            for place in joints
        ]
        for value in joints
    ]
    costs = np.array(misfits, dtype=np.float64)
    return float(costs[linear_sum_assignment(costs)].sum()) == 0.0
