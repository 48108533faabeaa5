"""Compare joint positions with what the model's training data had."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from so101_ros.arm import JOINT_NAMES, ArmSpec
from so101_ros.groot.finding import Finding, Verdict
from so101_ros.groot.model_contract import ValueRange
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.groot.unit_guess import Limits, Span, guess_fixes, is_inside, is_reachable
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import build_arm_spec

_NEVER_SEEN = "the model has seen no such pose; expect little of its answers there"


@dataclass(frozen=True)
class _Joint:
    """One joint of a key: where it is, and what training had."""

    name: str
    limits: Limits
    span: Span
    q: float | None


@cache
def nominal_arm() -> ArmSpec:
    """The arm of the robot model that comes with the package."""
    return ArmSpec.from_model(build_arm_spec(SceneConfig()).compile())


def check_positions(
    profile: EmbodimentProfile,
    ranges: Mapping[str, ValueRange],
    q: np.ndarray,
    outside: Verdict,
) -> list[Finding]:
    """Compare positions with the training data's states.

    Args:
        profile: Units and order of the joints.
        ranges: Of the training data by state key.
        q: Positions in [rad], in arm order. Shape (6,).
        outside: Verdict on a position that no training data had, if nothing tells why.

    Returns:
        A finding per joint that is wrong, or one per key if none is.
    """
    findings: list[Finding] = []
    for key, names in profile.state.items():
        subject = f"state.{key}"
        if not _has_range(ranges, key, len(names)):
            findings.append(_untold(subject))
            continue
        joints = _joints(names, ranges[key], q)
        wrong = [each for each in joints if not _is_right(profile, each)]
        findings += _explain(profile, subject, joints, wrong, outside)
    return findings


def check_actions(profile: EmbodimentProfile, ranges: Mapping[str, ValueRange]) -> list[Finding]:
    """Find out whether the arm can go where the training data's actions are.

    Args:
        profile: Units and order of the joints.
        ranges: Of the training data by action key.

    Returns:
        A finding per joint that is wrong, or one per key if none is.
    """
    findings: list[Finding] = []
    for key, names in profile.action.items():
        subject = f"action.{key}"
        if not _has_range(ranges, key, len(names)):
            findings.append(_untold(subject))
            continue
        joints = _joints(names, ranges[key], None)
        wrong = [each for each in joints if not _is_right(profile, each)]
        findings += _explain(profile, subject, joints, wrong, Verdict.MISMATCH)
    return findings


def _has_range(ranges: Mapping[str, ValueRange], key: str, dimension: int) -> bool:
    """Whether there is something to compare; a wrong dimension has a finding of its own."""
    return key in ranges and len(ranges[key].low) == dimension


def _joints(names: tuple[str, ...], values: ValueRange, q: np.ndarray | None) -> list[_Joint]:
    arm = nominal_arm()
    indices = [JOINT_NAMES.index(name) for name in names]
    return [
        _Joint(
            name=JOINT_NAMES[index],
            limits=Limits(float(arm.lower[index]), float(arm.upper[index])),
            span=Span(float(values.low[place]), float(values.high[place])),
            q=None if q is None else float(q[index]),
        )
        for place, index in enumerate(indices)
    ]


def _is_right(profile: EmbodimentProfile, joint: _Joint) -> bool:
    if joint.span.low == joint.span.high:
        return True  # GR00T does not let the model see a joint that never moved
    units = profile.joints[joint.name]
    seen = joint.q is None or is_inside(units, joint.q, joint.span)
    return seen and is_reachable(units, joint.limits, joint.span)


def _explain(
    profile: EmbodimentProfile,
    subject: str,
    joints: list[_Joint],
    wrong: list[_Joint],
    outside: Verdict,
) -> list[Finding]:
    if not wrong:
        return [Finding(f"{subject} range", "inside", "as in training", Verdict.OK)]
    findings = [_explain_joint(profile, subject, each, outside) for each in wrong]
    unexplained = [each for each in findings if each.fix == _NEVER_SEEN]
    if len(unexplained) < 2 or not _fits_in_another_order(profile, joints):
        return findings
    fix = f"the joints in another order? Compare with the data set's names of {subject}"
    return [
        replace(each, verdict=Verdict.MISMATCH, fix=fix) if each in unexplained else each
        for each in findings
    ]


def _explain_joint(
    profile: EmbodimentProfile, subject: str, joint: _Joint, outside: Verdict
) -> Finding:
    units = profile.joints[joint.name]
    reaches = is_reachable(units, joint.limits, joint.span)
    fixes = guess_fixes(units, joint.limits, joint.span, joint.q)
    if not fixes and not reaches:  # the training data alone tell, wherever our pose is
        fixes = guess_fixes(units, joint.limits, joint.span, None)
    if fixes:
        fix = f"{' or '.join(fixes)}? Set it for {joint.name} in the profile"
    elif reaches:
        fix = _NEVER_SEEN
    else:
        fix = f"the joint cannot go there: look at unit, offset_rad and scale of {joint.name}"
    return Finding(
        f"{subject} {joint.name}",
        _describe(profile, joint),
        str(joint.span),
        outside if fix == _NEVER_SEEN else Verdict.MISMATCH,
        fix,
    )


def _describe(profile: EmbodimentProfile, joint: _Joint) -> str:
    units = profile.joints[joint.name]
    if joint.q is not None:
        return f"{float(units.from_rad(joint.q)):.4g}"
    low, high = sorted(units.from_rad(joint.limits).tolist())
    return f"{low:.4g} to {high:.4g} within the joint's limits"


def _fits_in_another_order(profile: EmbodimentProfile, joints: list[_Joint]) -> bool:
    """Whether each value lies in the training data of some joint, and no two in the same."""
    misfits = [
        [
            value.q is None or not is_inside(profile.joints[value.name], value.q, place.span)
            for place in joints
        ]
        for value in joints
    ]
    costs = np.array(misfits, dtype=np.float64)
    return float(costs[linear_sum_assignment(costs)].sum()) == 0.0


def _untold(subject: str) -> Finding:
    return Finding(f"{subject} range", "-", "not told, or of another dimension", Verdict.UNKNOWN)
