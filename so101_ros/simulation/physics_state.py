"""The state of a simulation as numbers: enough to render, replay and continue it elsewhere."""

import mujoco
import numpy as np

from so101_ros.errors import ObservationError

_SPEC = mujoco.mjtState.mjSTATE_FULLPHYSICS


def read_state(model: mujoco.MjModel, data: mujoco.MjData) -> np.ndarray:
    """MuJoCo's full physics state. Shape (mj_stateSize,).

    Args:
        model: The compiled scene.
        data: Its state.
    """
    state = np.empty(mujoco.mj_stateSize(model, _SPEC))
    mujoco.mj_getState(model, data, state, _SPEC)
    return state


def show_state(model: mujoco.MjModel, data: mujoco.MjData, state: np.ndarray) -> None:
    """Take over a state from another simulation of the same scene, to look at it.

    Args:
        model: The compiled scene.
        data: Its state; kinematics are brought up to date.
        state: What :func:`read_state` gives there. Shape (mj_stateSize,).

    Raises:
        ObservationError: If the state has another size: it is of another scene.
    """
    size = mujoco.mj_stateSize(model, _SPEC)
    if len(state) != size:
        raise ObservationError(
            f"a physics state of this scene has {size} numbers, got {len(state)}; both sides must "
            "use the same robot model"
        )
    mujoco.mj_setState(model, data, state, _SPEC)
    mujoco.mj_kinematics(model, data)
