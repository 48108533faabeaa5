"""What a scene may look like."""

from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.arm import qpos_addresses
from so101_ros.errors import ConfigError
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import RING, LookConfig
from so101_ros.simulation.look_tuner import LookTuner
from so101_ros.simulation.scene import PAPER, build_model
from so101_ros.task.geometry import BASE_POSE, GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH
from so101_ros.task.starts import PaperStarts

BASE = np.array([BASE_POSE.x, BASE_POSE.y])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exposure": 0.0}, "exposure must be from 0.1 to 10, got 0.0"),
        ({"noise": float("nan")}, "noise must be from 0 to 50, got nan"),
        ({"jpeg_quality": 0}, "jpeg_quality must be from 5 to 100, got 0"),
        ({"lamps": 4}, "lamps must be from 0 to 3, got 4"),
        ({"top_view": 1.5}, "top_view must be from 0.7 to 1.3, got 1.5"),
        ({"table_colour": (0.5, 1.2, 0.5)}, "table_colour must be from 0 to 1, got 1.2"),
        ({"table_texture": "tartan"}, "table_texture must be one of none, wood, speckle, weave, "),
        ({"distractor_shape": "cat"}, "distractor_shape must be one of box, cylinder, ball, mixed"),
        ({"distractor_distances": (0.6, 0.6, 0.4)}, "distractor_distances must be from 0.58 to "),
        (
            {"lamp_positions": (0.0, 0.0, 1.0, 0.0, 0.0, 0.1, 0.0, 0.0, 1.0)},
            "lamp_positions must be at least 0.3 m above the table",
        ),
    ],
)
def test_refuses_what_no_camera_shows(change: dict[str, Any], message: str) -> None:
    """The message names the field, the value and what is allowed."""
    with pytest.raises(ConfigError, match=message):
        LookConfig(**change)


@pytest.fixture(scope="module")
def tuned() -> tuple[mujoco.MjModel, LookTuner]:
    """A model and who changes its look."""
    model = build_model()
    return model, LookTuner(model, SceneConfig())


def reach(draws: int = 3000) -> float:
    """How far any part of the arm gets from its base, over the table, in [m]; from above."""
    backend = MujocoBackend()
    model, data, rng = backend.model, backend.data, np.random.default_rng(0)
    bodies = model.geom_bodyid
    arm = (model.body_weldid[bodies] > 0) & (bodies != model.body(PAPER).id)
    farthest = 0.0
    for _ in range(draws):
        data.qpos[qpos_addresses(model)] = rng.uniform(backend.arm.lower, backend.arm.upper)
        mujoco.mj_kinematics(model, data)
        far = np.linalg.norm(data.geom_xpos[arm, :2] - BASE, axis=1) + model.geom_rbound[arm]
        farthest = max(farthest, float(far.max()))
    return farthest


def farthest_of_task() -> float:
    """How far frame and sheets at the start reach from the arm's base, in [m]."""
    corners = GOAL_CENTRE + np.array([[1, 1], [1, -1], [-1, 1]]) * (
        0.5 * GOAL_INNER_SIZE + TAPE_WIDTH
    )
    starts = PaperStarts()
    centres = np.array([[x, y] for x in starts.x for y in starts.y])
    half_diagonal = 0.5 * float(np.hypot(0.148, 0.210))
    return max(
        float(np.linalg.norm(corners - BASE, axis=1).max()),
        float(np.linalg.norm(centres - BASE, axis=1).max()) + half_diagonal,
    )


FREE = max(reach(), farthest_of_task())
"""Beyond this, in [m] from the arm's base, nothing is in the way of anything."""


@given(
    shape=st.sampled_from(["box", "cylinder", "ball", "mixed"]),
    bearings=st.tuples(*[st.floats(-np.pi, np.pi)] * 3),
    distances=st.tuples(*[st.floats(*RING)] * 3),
    sizes=st.tuples(*[st.floats(0.01, 0.1)] * 3),
    heights=st.tuples(*[st.floats(0.001, 0.15)] * 3),
)
def test_no_object_is_ever_in_the_way(
    tuned: tuple[mujoco.MjModel, LookTuner],
    shape: str,
    bearings: tuple[float, ...],
    distances: tuple[float, ...],
    sizes: tuple[float, ...],
    heights: tuple[float, ...],
) -> None:
    """Whatever is allowed stands on the table, beyond frame, sheet and the arm's reach."""
    model, tuner = tuned
    look = LookConfig(
        distractors=3,
        distractor_shape=shape,
        distractor_bearings=bearings,
        distractor_distances=distances,
        distractor_sizes=sizes,
        distractor_heights=heights,
    )
    tuner.apply(SceneConfig(look=look))
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    for index in range(3):
        geom = model.geom(f"distractor_{index}").id
        half_width = np.sqrt(2.0) * model.geom_size[geom, 0]
        x, y, z = data.geom_xpos[geom]
        assert np.hypot(x - BASE[0], y - BASE[1]) - half_width > FREE
        height = {6: 2, 5: 1, 2: 0}[int(model.geom_type[geom])]  # box, cylinder, sphere
        assert z == pytest.approx(model.geom_size[geom, height])
