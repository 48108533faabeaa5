"""Learning the droop of the servos."""

import numpy as np

from so101_ros.control.sag import MAX_CORRECTION, SagCompensator


def test_a_constant_droop_is_learnt_away() -> None:
    """Commanding wanted + correction makes a drooping arm arrive."""
    droop = np.array([0.0, 0.012, -0.010, 0.002, 0.0, 0.0])
    wanted, sag = np.full(6, 0.5), SagCompensator()
    for _ in range(40):
        sag.learn(wanted, wanted + sag.correction - droop)
    np.testing.assert_allclose(sag.correction, droop, atol=1e-4)


def test_the_correction_is_bounded() -> None:
    """A blocked joint must not wind it up."""
    sag = SagCompensator()
    for _ in range(1000):
        sag.learn(np.ones(6), -np.ones(6))
    assert (sag.correction == MAX_CORRECTION).all()
