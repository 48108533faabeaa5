"""Draw looks and layouts at random: one idea of what a real table may look like."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from so101_ros.arm import ArmSpec
from so101_ros.benchmark.rendered_views import Layout, ViewRenderer
from so101_ros.evaluation.rollout import Rollout
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import PlanarPose, Pose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.look_config import LAMPS
from so101_ros.task.geometry import PAPER_SIZE

CAMERA_OFFSET = 0.02  # [m], each axis
CAMERA_TURN = np.deg2rad(5.0)  # each axis

_REACH_X, _REACH_Y = (0.12, 0.46), (-0.24, 0.38)  # [m], the sheet's centre
_ARM_CLEARANCE = 0.002  # [m]
_TINT = 0.18  # spread of a lamp's colour around white


def sample_light(rng: np.random.Generator) -> dict[str, Any]:
    """Ambient light, a light at the camera and up to three lamps, for a ``LookConfig``."""
    tint = 1.0 + rng.uniform(-_TINT, _TINT, 3)
    count = int(rng.integers(0, LAMPS + 1))
    brightness = rng.uniform(0.65, 1.15)
    shares = rng.dirichlet(np.ones(count + 2))
    # Some light comes from everywhere, or half of the arm would be black.
    shares = 0.25 * np.eye(count + 2)[0] + 0.75 * shares
    positions, colours = np.ones((LAMPS, 3)), np.zeros((LAMPS, 3))
    for index, share in enumerate(shares[2:]):
        positions[index] = [*rng.uniform(-1.0, 1.4, 2), rng.uniform(0.8, 2.0)]
        colours[index] = brightness * share * tint * (1.0 + rng.uniform(-0.1, 0.1, 3))
    return {
        "ambient": _numbers(brightness * shares[0] * tint),
        "headlight": _numbers(brightness * shares[1] * tint),
        "lamps": count,
        "lamp_positions": _numbers(positions),
        "lamp_colours": _numbers(colours),
    }


def sample_colours(rng: np.random.Generator) -> dict[str, Any]:
    """Colours for a ``LookConfig``: a table that is not red and not white."""
    return {
        "table_colour": _numbers(_sample_table(rng)),
        "tape_colour": (rng.uniform(0.6, 0.95), *_numbers(rng.uniform(0.03, 0.2, 2))),
        "paper_colour": _numbers(rng.uniform(0.86, 1.0) * (1.0 + rng.uniform(-0.04, 0.0, 3))),
    }


def sample_camera(rng: np.random.Generator) -> CalibrationConfig:
    """A top camera that is not quite where it should be."""
    return CalibrationConfig(
        top_camera_offset=_numbers(rng.uniform(-CAMERA_OFFSET, CAMERA_OFFSET, 3)),
        top_camera_turn=_numbers(rng.uniform(-CAMERA_TURN, CAMERA_TURN, 3)),
    )


def sample_optics(rng: np.random.Generator, shadow: bool = False) -> dict[str, Any]:
    """Noise, blur and compression for a ``LookConfig``; a shadow in every second look."""
    return {
        "shadow": rng.uniform(0.55, 0.9) if shadow and rng.random() < 0.5 else 1.0,
        "blur": rng.uniform(0.0, 1.0),
        "noise": rng.uniform(1.0, 6.0),
        "jpeg_quality": int(rng.integers(75, 101)),
    }


def sample_sheet(rng: np.random.Generator) -> PlanarPose:
    """A sheet anywhere in reach, also half or wholly in the frame."""
    return PlanarPose(
        rng.uniform(*_REACH_X), rng.uniform(*_REACH_Y), rng.uniform(-0.5 * np.pi, 0.5 * np.pi)
    )


def sample_sheet_at_border(rng: np.random.Generator) -> PlanarPose:
    """A sheet that the edge of the nominal view cuts."""
    yaw = rng.uniform(-0.5 * np.pi, 0.5 * np.pi)
    if rng.random() < 0.5:
        return PlanarPose(rng.uniform(0.53, 0.59), rng.uniform(-0.2, 0.5), yaw)
    side = rng.choice([-1.0, 1.0])
    return PlanarPose(rng.uniform(0.1, 0.5), 0.175 + side * rng.uniform(0.48, 0.54), yaw)


def sample_rectangle(
    rng: np.random.Generator, sheets: Sequence[PlanarPose] = ()
) -> tuple[PlanarPose, np.ndarray]:
    """A white rectangle that differs from the sheet by at least 2 cm in one side.

    Args:
        rng: Source of randomness.
        sheets: What it must not touch.

    Returns:
        Where it lies, and its size in [m]. Shape (2,).
    """
    while True:
        size, pose = rng.uniform(0.04, 0.26, 2), sample_sheet(rng)
        clearance = 0.5 * float(np.linalg.norm(size) + np.linalg.norm(PAPER_SIZE))
        apart = [float(np.linalg.norm(sheet.xy - pose.xy)) for sheet in sheets]
        if min(apart, default=np.inf) > clearance and _differs(size):
            return pose, size


def _differs(size: np.ndarray) -> bool:
    return float(np.abs(np.sort(size) - PAPER_SIZE).max()) > 0.02


class ArmPoses:
    """Arm poses that are plausible over a table: out of episodes of the IK policy, and free ones.

    Attributes:
        recorded: Joint positions in [rad], shape (6,), each with where the sheet lay.
    """

    def __init__(self, renderer: ViewRenderer, seeds: Sequence[int] = range(4)) -> None:
        """Run a few episodes.

        Args:
            renderer: Knows which poses touch the table.
            seeds: Of the episodes.
        """
        self._renderer = renderer
        self._arm = ArmSpec.from_model(MujocoBackend().model)
        rollout = Rollout(PressAndDragPolicy())
        self.recorded: list[tuple[np.ndarray, PlanarPose]] = []
        for seed in seeds:
            trace = rollout.run(seed).trace
            papers = [Pose(row[:3], row[3:]).planar for row in trace.paper]
            self.recorded += zip(trace.q, papers, strict=True)

    def sample_pressing(self, rng: np.random.Generator) -> Layout:
        """An arm at work on the sheet that it works on."""
        q, sheet = self.recorded[int(rng.integers(len(self.recorded)))]
        return Layout([sheet], q)

    def sample_free(self, rng: np.random.Generator) -> np.ndarray:
        """Joint positions in [rad] anywhere above the table. Shape (6,)."""
        while True:
            q = rng.uniform(self._arm.lower, self._arm.upper)
            if self._renderer.lowest_point(q) > _ARM_CLEARANCE:
                return q

    def sample(self, rng: np.random.Generator) -> Layout:
        """A sheet anywhere, and an arm at work on it, elsewhere, or free."""
        kind = rng.random()
        if kind < 0.4:
            return self.sample_pressing(rng)
        if kind < 0.7:
            return Layout([sample_sheet(rng)], self.sample_pressing(rng).q)
        return Layout([sample_sheet(rng)], self.sample_free(rng))


def _numbers(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.ravel().tolist())


def _sample_table(rng: np.random.Generator) -> np.ndarray:
    """Anything that is neither red nor white, and that the sheet stands out from."""
    while True:
        colour = rng.uniform(0.08, 0.75, 3)
        red = (colour[0] - colour[1:].max()) / colour[0]
        if red < 0.25 and colour.min() < 0.62:
            return colour
