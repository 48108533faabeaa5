"""Guess from the span of training data what is wrong with a joint."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from so101_ros.groot.joint_map import RANGED_UNITS, JointMap, JointUnit

_CALIBRATION_SLACK = 0.25  # [rad] by which two calibrations of one joint differ; estimate
_NARROWEST = 0.05  # of the joint's range; training data that move less tell nothing of their unit
_SPAN_SLACK = 0.10  # of the span of the training data
_LEAST_SLACK = 0.05  # [rad]


class Span(NamedTuple):
    """Values of one joint in the training data, in the model's units."""

    low: float
    high: float

    def __str__(self) -> str:
        """For messages."""
        return f"{self.low:.4g} to {self.high:.4g} in training"


class Limits(NamedTuple):
    """What the joint can reach, in [rad]."""

    low: float
    high: float


def is_inside(joint: JointMap, q: float, span: Span) -> bool:
    """Whether a position is one that the model has seen, or nearly.

    Args:
        joint: Units of the model.
        q: The position in [rad].
        span: Of the training data.
    """
    slack = max(_SPAN_SLACK * (span.high - span.low), _LEAST_SLACK / abs(joint.rad_per_unit))
    return span.low - slack <= float(joint.from_rad(q)) <= span.high + slack


def is_reachable(joint: JointMap, limits: Limits, span: Span) -> bool:
    """Whether the joint can have been where the training data are.

    Args:
        joint: Units of the model.
        limits: Of the joint.
        span: Of the training data.
    """
    low, high = sorted(joint.to_rad(span).tolist())
    return limits.low - _CALIBRATION_SLACK <= low and high <= limits.high + _CALIBRATION_SLACK


def guess_fixes(joint: JointMap, limits: Limits, span: Span, q: float | None) -> list[str]:
    """Entries of a profile with which training data and position would fit.

    Args:
        joint: What the profile has.
        limits: Of the joint.
        span: Of the training data.
        q: A position in [rad]; None to look at the training data alone.
    """
    return [
        entry
        for entry, other in _others(joint, limits)
        if is_reachable(other, limits, span)
        and not _is_narrow(other, limits, span)
        and (q is None or is_inside(other, q, span))
    ]


def guess_faults(joint: JointMap, limits: Limits, span: Span, q: float) -> list[str]:
    """What could be wrong with a measurement that no training data had.

    Args:
        joint: What the profile has.
        limits: Of the joint.
        span: Of the training data.
        q: The measurement, in [rad].
    """
    suspects = [("negated", -q)]
    if not limits.low - _CALIBRATION_SLACK <= q <= limits.high + _CALIBRATION_SLACK:
        width = limits.high - limits.low
        suspects += [("in degrees", math.radians(q)), ("in percent", limits.low + q * width / 100)]
    return [fault for fault, meant in suspects if is_inside(joint, meant, span)]


def _others(joint: JointMap, limits: Limits) -> Iterator[tuple[str, JointMap]]:
    for unit in JointUnit:
        if unit is not joint.unit:
            span = (joint.range_rad or tuple(limits)) if unit in RANGED_UNITS else None
            yield f"unit: {unit.value}", replace(joint, unit=unit, range_rad=span)
    yield f"sign: {-joint.sign}", replace(joint, sign=-joint.sign)


def _is_narrow(joint: JointMap, limits: Limits, span: Span) -> bool:
    return float(np.ptp(joint.to_rad(span))) < _NARROWEST * (limits.high - limits.low)
