"""A scene that is tuned in place is the scene that would have been compiled."""

from dataclasses import fields, replace

import mujoco
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from maker import MJCF, needs_maker

from so101_ros.arm import HOME_Q
from so101_ros.errors import ConfigError
from so101_ros.rates import Rates
from so101_ros.simulation.calibration_config import CalibrationConfig
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.physics_config import (
    ContactConfig,
    JointConfig,
    PaperConfig,
    ServoConfig,
)
from so101_ros.simulation.physics_tuner import PhysicsTuner
from so101_ros.simulation.scene import build_spec
from so101_ros.simulation.sheet import rest_of

PRESSING_Q = HOME_Q + np.array([0.0, 0.37, 0.0, -0.37, 0.0, 0.0])  # tips a few mm into the table
NOT_OF_THE_MODEL = ("max_speed", "dead_time_s", "backlash")
"""Entries that belong to the path of a command before it reaches the physics."""


def six(low: float, high: float) -> st.SearchStrategy[tuple[float, ...]]:
    """One number per joint."""
    return st.tuples(*[st.floats(low, high)] * 6)


SCENES = st.builds(
    SceneConfig,
    servo=st.builds(
        ServoConfig,
        stiffness=st.floats(10.0, 200.0),
        damping=st.floats(0.2, 8.0),
        max_torque=st.floats(0.5, 5.0),
    ),
    joints=st.builds(
        JointConfig,
        stiffness_scale=six(0.3, 3.0),
        friction_scale=six(0.1, 5.0),
        damping_scale=six(0.1, 5.0),
    ),
    paper=st.builds(
        PaperConfig,
        mass=st.floats(0.001, 0.05),
        thickness=st.floats(0.0002, 0.004),
        curl=st.just(0.0) | st.floats(0.0, 0.01),
        curl_corner=st.integers(0, 3),
    ),
    contact=st.builds(
        ContactConfig,
        paper_table_friction=st.floats(0.01, 1.0),
        tip_friction=st.floats(0.1, 3.0),
        tip_torsion=st.floats(0.001, 0.1),
        arm_friction=st.floats(0.05, 2.0),
    ),
    calibration=st.builds(
        CalibrationConfig,
        base_offset=st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-0.5, 0.5)),
    ),
)

OTHER = SceneConfig(
    servo=ServoConfig(stiffness=31.0, damping=1.1, max_torque=1.9),
    joints=JointConfig(
        stiffness_scale=(0.7, 0.8, 0.9, 1.1, 1.2, 1.3),
        friction_scale=(2.0, 1.9, 1.8, 1.7, 1.6, 1.5),
        damping_scale=(0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    ),
    paper=PaperConfig(mass=0.0031, thickness=0.0007, curl=0.002, curl_corner=2),
    contact=ContactConfig(
        paper_table_friction=0.31, tip_friction=0.9, tip_torsion=0.011, arm_friction=0.7
    ),
    calibration=CalibrationConfig(base_offset=(0.011, -0.007, 0.06)),
)
"""A scene of which nothing is nominal."""


def compile_scene(config: SceneConfig) -> mujoco.MjModel:
    """Compile the physics of a scene."""
    return build_spec(config).compile()


def numbers(model: mujoco.MjModel) -> dict[str, np.ndarray]:
    """Every array of a model, and the statistics that its solver and renderer use.

    ``stat.meansize`` is left out: it scales arrows that nobody draws, and only the compiler can
    compute it.
    """
    arrays = {
        name: value.copy()
        for name in dir(model)
        if not name.startswith("_") and isinstance(value := getattr(model, name), np.ndarray)
    }
    stat = model.stat
    statistics = [stat.meaninertia, stat.meanmass, stat.extent, *stat.center]
    return arrays | {"stat": np.array(statistics), "timestep": np.array(model.opt.timestep)}


def differing(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> set[str]:
    """Names of what is not equal to the last bit."""
    assert first.keys() == second.keys()
    return {name for name in first if not np.array_equal(first[name], second[name])}


def run_pressed(model: mujoco.MjModel, paper: PaperConfig) -> np.ndarray:
    """Press the hand onto a sheet for 200 steps. Shape (200, nq + nv)."""
    data = mujoco.MjData(model)
    rest = rest_of(paper)
    arm, sheet = np.arange(6), model.joint("paper").qposadr[0]
    data.qpos[arm] = HOME_Q
    data.qpos[sheet : sheet + 7] = [0.30, 0.18, rest.height, *rest.tilt]
    data.ctrl[:] = PRESSING_Q
    states = []
    for _ in range(200):
        mujoco.mj_step(model, data)
        states.append(np.concatenate([data.qpos, data.qvel]))
    tips = {model.geom(name).id for name in ("fixed_tip", "moving_tip")}
    assert tips & set(data.contact.geom.ravel().tolist()), "the hand does not press"
    return np.array(states)


@pytest.fixture(scope="module")
def nominal() -> dict[str, np.ndarray]:
    """The nominal scene, fresh from the compiler."""
    return numbers(compile_scene(SceneConfig()))


@pytest.fixture(scope="module")
def tuned() -> tuple[mujoco.MjModel, PhysicsTuner]:
    """A model that every test of this module tunes on, whatever was applied before."""
    model = compile_scene(SceneConfig())
    return model, PhysicsTuner(model, SceneConfig())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=SCENES)
def test_tuned_is_compiled(
    tuned: tuple[mujoco.MjModel, PhysicsTuner],
    nominal: dict[str, np.ndarray],
    config: SceneConfig,
) -> None:
    """Every number is that of the compiler, whatever came before, and nominal comes back."""
    model, tuner = tuned
    tuner.apply(config)
    assert differing(numbers(model), numbers(compile_scene(config))) == set()
    tuner.apply(SceneConfig())
    assert differing(numbers(model), nominal) == set()


def test_what_was_applied_before_leaves_no_trace(nominal: dict[str, np.ndarray]) -> None:
    """A, then B is B."""
    direct, roundabout = compile_scene(SceneConfig()), compile_scene(SceneConfig())
    PhysicsTuner(direct, SceneConfig()).apply(OTHER)
    tuner = PhysicsTuner(roundabout, SceneConfig())
    tuner.apply(replace(OTHER, paper=PaperConfig(mass=0.02, curl=0.009, curl_corner=1)))
    tuner.apply(OTHER)
    assert differing(numbers(direct), numbers(roundabout)) == set()
    assert len(differing(numbers(direct), nominal)) > 10


@pytest.mark.parametrize("part", ["servo", "joints", "paper", "contact"])
def test_every_entry_changes_the_model(
    tuned: tuple[mujoco.MjModel, PhysicsTuner], nominal: dict[str, np.ndarray], part: str
) -> None:
    """None is forgotten; a corner counts only where something curls."""
    model, tuner = tuned
    changed = getattr(OTHER, part)
    for entry in fields(changed):
        alone = replace(getattr(SceneConfig(), part), **{entry.name: getattr(changed, entry.name)})
        if entry.name == "curl_corner":
            alone = replace(alone, curl=0.002)
            tuner.apply(replace(SceneConfig(), paper=PaperConfig(curl=0.002)))
            before = numbers(model)
        else:
            before = nominal
        tuner.apply(replace(SceneConfig(), **{part: alone}))
        difference = differing(numbers(model), before)
        assert bool(difference) is (entry.name not in NOT_OF_THE_MODEL), entry.name


def test_factors_multiply_joint_by_joint(tuned: tuple[mujoco.MjModel, PhysicsTuner]) -> None:
    """Arm order, and each factor on what servo or robot model say."""
    model, tuner = tuned
    tuner.apply(OTHER)
    scales = OTHER.joints
    np.testing.assert_allclose(
        model.actuator_gainprm[:, 0], 31.0 * np.array(scales.stiffness_scale)
    )
    np.testing.assert_allclose(model.dof_frictionloss[:6], 0.052 * np.array(scales.friction_scale))
    np.testing.assert_allclose(model.dof_damping[:6], 0.60 * np.array(scales.damping_scale))


def test_the_arm_stands_beside_its_place(tuned: tuple[mujoco.MjModel, PhysicsTuner]) -> None:
    """The offset moves and turns the base, and all that hangs on it."""
    model, tuner = tuned
    tuner.apply(OTHER)
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    base = data.body("base_link")
    np.testing.assert_allclose(base.xpos, [0.050 + 0.011, -0.029 - 0.007, 0.0], atol=1e-12)
    yaw = np.arctan2(base.xmat[3], base.xmat[0])
    assert yaw == pytest.approx(np.pi / 4.0 + 0.06)


@pytest.mark.parametrize("config", [SceneConfig(), OTHER], ids=["nominal", "other"])
def test_tuned_moves_as_compiled(
    tuned: tuple[mujoco.MjModel, PhysicsTuner], config: SceneConfig
) -> None:
    """To the last bit, with the hand pressing on the sheet."""
    model, tuner = tuned
    tuner.apply(OTHER if config == SceneConfig() else SceneConfig())
    tuner.apply(config)
    expected = run_pressed(compile_scene(config), config.paper)
    np.testing.assert_array_equal(run_pressed(model, config.paper), expected)


def test_a_nominal_scene_of_its_own_is_restored() -> None:
    """With factors and an offset in the nominal scene, all others are right to a few last bits."""
    model = compile_scene(OTHER)
    before = numbers(model)
    tuner = PhysicsTuner(model, OTHER)
    tuner.apply(SceneConfig())
    found = numbers(model)
    for name, value in numbers(compile_scene(SceneConfig())).items():
        np.testing.assert_allclose(found[name], value, 1e-9, 1e-12, err_msg=name)
    tuner.apply(OTHER)
    assert differing(numbers(model), before) == set()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (SceneConfig(robot_model="other.xml"), r"^robot_model cannot change .* got 'other\.xml'"),
        (SceneConfig(rates=Rates(physics_hz=960)), r"^rates cannot change .*physics_hz=960"),
    ],
    ids=["robot_model", "rates"],
)
def test_what_must_be_compiled_is_refused(
    tuned: tuple[mujoco.MjModel, PhysicsTuner],
    nominal: dict[str, np.ndarray],
    config: SceneConfig,
    message: str,
) -> None:
    """The message names the entry and both values, and nothing has changed."""
    model, tuner = tuned
    tuner.apply(SceneConfig())
    with pytest.raises(ConfigError, match=message):
        tuner.apply(replace(config, paper=PaperConfig(mass=0.02)))
    assert differing(numbers(model), nominal) == set()


@needs_maker
def test_the_makers_arm_is_tuned_like_ours() -> None:
    """A foreign base that is not at its frame's origin moves to a few last bits."""
    nominal, config = (replace(each, robot_model=str(MJCF)) for each in (SceneConfig(), OTHER))
    model = compile_scene(nominal)
    PhysicsTuner(model, nominal).apply(config)
    expected, found = numbers(compile_scene(config)), numbers(model)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, 1e-9, 1e-12, err_msg=name)
