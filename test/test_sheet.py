"""How a sheet lies that does not lie flat."""

import mujoco
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from so101_ros.pose import Pose, yaw_to_quaternion
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_config import PaperConfig
from so101_ros.simulation.scene import build_model
from so101_ros.simulation.sheet import foot_of, rest_of
from so101_ros.task.geometry import PAPER_CORNERS, PAPER_SIZE
from so101_ros.task.measures import lies_flat

CORNERS = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
"""Signs of x and y, counted against the clock from +x, +y."""

PAPERS = st.builds(
    PaperConfig,
    thickness=st.floats(0.0003, 0.003),
    curl=st.floats(1e-4, 0.01),
    curl_corner=st.integers(0, 3),
)


def lay(model: mujoco.MjModel, paper: PaperConfig, yaw: float = 0.2) -> mujoco.MjData:
    """Put the sheet on the table as it should rest."""
    data = mujoco.MjData(model)
    rest, turn = rest_of(paper), np.empty(4)
    mujoco.mju_mulQuat(turn, yaw_to_quaternion(yaw), rest.tilt)
    at = model.joint("paper").qposadr[0]
    data.qpos[at : at + 7] = [0.30, 0.30, rest.height, *turn]
    mujoco.mj_forward(model, data)
    return data


def pose_of(data: mujoco.MjData) -> Pose:
    """Where the sheet is."""
    return Pose(data.body("paper").xpos.copy(), data.body("paper").xquat.copy())


def test_a_flat_sheet_rests_flat() -> None:
    """On half of its thickness, to the last bit."""
    height, tilt = rest_of(PaperConfig(thickness=0.0007))
    assert height == 0.00035
    np.testing.assert_array_equal(tilt, [1.0, 0.0, 0.0, 0.0])


@given(PAPERS)
def test_it_rests_on_the_foot_and_two_corners(paper: PaperConfig) -> None:
    """Those three touch the table; the fourth corner stands off as far as the sheet curls."""
    rest, foot = rest_of(paper), foot_of(paper)
    turn = np.empty(9)
    mujoco.mju_quat2Mat(turn, rest.tilt)
    up = turn.reshape(3, 3)[2]
    corners = np.column_stack([PAPER_CORNERS, np.full(4, -0.5 * paper.thickness)])
    heights = np.sort(rest.height + corners @ up)
    np.testing.assert_allclose(heights[:2], 0.0, atol=1e-9)
    np.testing.assert_allclose(heights[2:], paper.curl, rtol=3e-3)
    assert rest.height + foot.position @ up - foot.radius == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("corner", range(4))
def test_the_foot_is_under_its_corner(corner: int) -> None:
    """It protrudes below the plate by the curl."""
    foot = foot_of(PaperConfig(thickness=0.001, curl=0.003, curl_corner=corner))
    np.testing.assert_allclose(foot.position[:2], 0.5 * PAPER_SIZE * CORNERS[corner])
    assert foot.position[2] - foot.radius == pytest.approx(-0.0005 - 0.003)


@pytest.mark.parametrize("curl", [0.0005, 0.004, 0.01])
@pytest.mark.parametrize("corner", range(4))
def test_a_curled_sheet_stays_where_it_is_laid(curl: float, corner: int) -> None:
    """It neither jumps nor slides nor stops lying flat, up to the largest curl that is allowed."""
    paper = PaperConfig(curl=curl, curl_corner=corner)
    model = build_model(SceneConfig(paper=paper))
    data = lay(model, paper)
    start = pose_of(data)
    assert lies_flat(start)
    for _ in range(480):
        mujoco.mj_step(model, data)
        assert lies_flat(pose_of(data))
        assert data.body("paper").xpos[2] < start.position[2] + 1e-4
    end = pose_of(data)
    np.testing.assert_allclose(end.position, start.position, atol=2e-5)
    assert end.yaw == pytest.approx(start.yaw, abs=1e-4)


def test_a_curled_sheet_rocks() -> None:
    """A push on the free corner brings it down, and lifts the one that it rested on."""
    paper = PaperConfig(curl=0.004)
    model = build_model(SceneConfig(paper=paper))
    data = lay(model, paper)
    resting, free = 0.5 * PAPER_SIZE * CORNERS[1], 0.5 * PAPER_SIZE * CORNERS[3]
    sheet = data.body("paper")

    def height(corner: np.ndarray) -> float:
        return float((sheet.xpos + sheet.xmat.reshape(3, 3) @ [*corner, -0.0005])[2])

    assert height(resting) < 1e-4 and height(free) > 0.0035
    force, torque = np.array([0.0, 0.0, -0.02]), np.zeros(3)
    for _ in range(240):
        data.qfrc_applied[:] = 0.0
        point = sheet.xpos + sheet.xmat.reshape(3, 3) @ [*free, 0.0]
        mujoco.mj_applyFT(model, data, force, torque, point, sheet.id, data.qfrc_applied)
        mujoco.mj_step(model, data)
    assert height(free) < 1e-4 and height(resting) > 0.0035
