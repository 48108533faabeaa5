import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.errors import ConfigError
from so101_ros.groot.joint_map import RANGED_UNITS, JointMap, JointUnit


@st.composite
def joint_maps(draw: st.DrawFn) -> JointMap:
    """Any joint that a profile may describe."""
    unit = draw(st.sampled_from(JointUnit))
    low = draw(st.floats(-3.0, 3.0))
    width = draw(st.floats(0.1, 6.0))
    angle = st.floats(-math.pi, math.pi)
    return JointMap(
        unit=unit,
        sign=draw(st.sampled_from((-1, 1))),
        offset_rad=draw(angle),
        scale=draw(st.floats(0.1, 10.0)),
        range_rad=(low, low + width) if unit in RANGED_UNITS else None,
        action_bias_rad=draw(angle),
    )


@given(joint_maps(), st.floats(-math.pi, math.pi))
def test_every_unit_can_be_undone(joint: JointMap, q: float) -> None:
    """There and back is where it was."""
    assert joint.to_rad(joint.from_rad(q)) == pytest.approx(q, abs=1e-9)


@given(joint_maps(), st.floats(-100.0, 100.0))
def test_values_survive_too(joint: JointMap, value: float) -> None:
    """The other way round, and for arrays."""
    values = np.array([value, 0.0])
    assert joint.from_rad(joint.to_rad(values)) == pytest.approx(values, abs=1e-7)


@given(joint_maps(), st.floats(-100.0, 100.0))
def test_a_sign_mirrors_about_the_offset(joint: JointMap, value: float) -> None:
    """It turns the motion round, not the offset."""
    mirrored = JointMap(joint.unit, -joint.sign, joint.offset_rad, joint.scale, joint.range_rad)
    middle = (joint.to_rad(value) + mirrored.to_rad(value)) / 2
    assert middle == pytest.approx(joint.offset_rad, abs=1e-9)


@pytest.mark.parametrize(
    ("joint", "value", "q"),
    [
        (JointMap(), 0.3, 0.3),
        (JointMap(JointUnit.DEGREE), 90.0, math.pi / 2),
        (JointMap(JointUnit.DEGREE, sign=-1, offset_rad=0.1), 90.0, 0.1 - math.pi / 2),
        (JointMap(JointUnit.PERCENT, range_rad=(-0.2, 1.8)), 0.0, -0.2),
        (JointMap(JointUnit.PERCENT, range_rad=(-0.2, 1.8)), 100.0, 1.8),
        (JointMap(JointUnit.NORMALIZED, range_rad=(-1.0, 2.0)), -100.0, -1.0),
        (JointMap(JointUnit.NORMALIZED, range_rad=(-1.0, 2.0)), 0.0, 0.5),
        (JointMap(JointUnit.NORMALIZED, range_rad=(-1.0, 2.0)), 100.0, 2.0),
        (JointMap(scale=2.0, offset_rad=-0.5), 0.4, 0.3),
        (JointMap(action_bias_rad=-0.05), 0.3, 0.3),
    ],
)
def test_known_values(joint: JointMap, value: float, q: float) -> None:
    """What each unit means, by hand; the bias is none of a measurement."""
    assert joint.to_rad(value) == pytest.approx(q)
    assert joint.from_rad(q) == pytest.approx(value)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"sign": 0}, "sign must be 1 or -1, got 0"),
        ({"scale": 0.0}, "scale must be 0.01 to 100, got 0"),
        ({"scale": math.nan}, "scale must be 0.01 to 100, got nan"),
        ({"offset_rad": 90.0}, "offset_rad must be -2 pi to 2 pi, got 90"),
        ({"action_bias_rad": math.inf}, "action_bias_rad must be -2 pi to 2 pi, got inf"),
        ({"unit": JointUnit.PERCENT}, "range_rad is missing: percent is a part of it"),
        (
            {"range_rad": (0.0, 1.0)},
            "range_rad is for the units percent and normalized, got it with radian",
        ),
        (
            {"unit": JointUnit.NORMALIZED, "range_rad": (1.0, 0.0)},
            "range_rad must be [low, high] in rad, got [1, 0]",
        ),
        (
            {"unit": JointUnit.PERCENT, "range_rad": (-10.0, 100.0)},
            "range_rad must be [low, high] in rad, got [-10, 100]",
        ),
    ],
)
def test_a_map_that_cannot_be_inverted_is_refused(entries: dict, message: str) -> None:
    """With what was given, and what is allowed."""
    with pytest.raises(ConfigError) as refusal:
        JointMap(**entries)
    assert str(refusal.value) == message
