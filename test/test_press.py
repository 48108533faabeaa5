"""Finding the table and pressing on it, on an ideal hand."""

from dataclasses import replace

import pytest

from so101_ros.control.hand import DownwardHand, MeasuredHand
from so101_ros.control.press import Press, PressSettings

DT = 1.0 / 30.0
SOFTNESS = 0.05  # [m^2]
DEPTH = PressSettings().strength * SOFTNESS
START = DownwardHand(0.2, 0.1, 0.009, 0.3)


def _follow(reference: DownwardHand, table: float) -> MeasuredHand:
    """A hand that follows at once, down to the table."""
    return MeasuredHand(replace(reference, z=max(reference.z, table)), False, SOFTNESS)


def _search(press: Press, table: float, lag_ticks: int = 0) -> tuple[DownwardHand, MeasuredHand]:
    references = [START] * (lag_ticks + 1)
    for _ in range(200):
        hand = _follow(references[-1 - lag_ticks], table)
        if press.touches(references[-1], hand, DT):
            return references[-1], hand
        references.append(press.search(references[-1], DT))
    pytest.fail("the table was not found")


@pytest.mark.parametrize("lag_ticks", [0, 1, 3])
@pytest.mark.parametrize("table", [0.009, 0.000, -0.020])
def test_contact_is_found_where_the_table_is(table: float, lag_ticks: int) -> None:
    """However high the table, also for a hand that is 100 ms late: not before, not beside it."""
    reference, hand = _search(Press(PressSettings()), table, lag_ticks)
    assert hand.pose.z == pytest.approx(table, abs=1e-9)
    assert reference.z < table


def test_regulation_settles_at_the_wanted_depth() -> None:
    """From too deep and from too high the reference comes to rest the same way below the tips."""
    for start_z in (-0.03, 0.02):
        press, reference = Press(PressSettings()), replace(START, z=start_z)
        for _ in range(200):
            reference = press.regulate(reference, _follow(reference, 0.0), DT)
        assert reference.z == pytest.approx(-DEPTH, abs=1e-5)


def test_a_stiffer_hand_is_led_less_deep() -> None:
    """The force is the same: depth goes with the hand's softness."""
    depths = []
    for softness in (0.02, 0.06):
        press, reference = Press(PressSettings()), START
        for _ in range(300):
            hand = MeasuredHand(replace(reference, z=0.0), False, softness)
            reference = press.regulate(reference, hand, DT)
        depths.append(-reference.z)
    assert depths[1] == pytest.approx(3.0 * depths[0], rel=1e-3)


def test_easing_never_lets_go() -> None:
    """However often a press is eased, the tips stay pressed."""
    press, reference = Press(PressSettings()), replace(START, z=-DEPTH)
    for _ in range(20):
        press.ease()
    for _ in range(300):
        reference = press.regulate(reference, _follow(reference, 0.0), DT)
    assert -DEPTH < reference.z < -0.2 * DEPTH
