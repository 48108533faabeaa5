"""The node set of a bring-up, described once.

Plain data and pure functions. The launch files hand it to ``launch_ros``, ``so101 up`` and the demo
to child processes; the nodes, their parameters and their remappings are the same either way.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from so101_ros.bringup.bring_up import BringUp
from so101_ros.bringup.executables import EXECUTABLES, PACKAGE
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.params_file import read_parameters
from so101_ros.policies.names import ORACLE
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import TRACKED_CAMERA

SIM_ARGUMENTS = (
    "namespace",
    "params_file",
    "scene",
    "robot_model",
    "seed",
    "real_time_factor",
    "lock_step",
    "cameras",
    "camera_width",
    "camera_height",
)
"""The settings that the simulated end alone needs."""

_CAMERA_PLACE = {"calibration.top_camera_offset", "calibration.top_camera_turn"}

_SIM_TIME = {"use_sim_time": True}


def build_graph(bring_up: BringUp) -> tuple[NodeEntry, ...]:
    """List every node of this package that a bring-up starts.

    Args:
        bring_up: The settings.

    Returns:
        One entry for each node: the simulated end first, then what controls it.
    """
    return build_sim(bring_up) + build_control(bring_up)


def build_sim(bring_up: BringUp) -> tuple[NodeEntry, ...]:
    """List the nodes that stand in for the real arm and its cameras."""
    mujoco_sim = NodeEntry(
        PACKAGE,
        "mujoco_sim",
        parameters={
            **_scene(bring_up),
            "seed": bring_up.seed,
            "real_time_factor": bring_up.real_time_factor,
            "lock_step": bring_up.lock_step,
            **({"allow_place_paper": True} if bring_up.policy == ORACLE else {}),
        },
    )
    sim_cameras = NodeEntry(
        PACKAGE,
        "sim_cameras",
        parameters={
            **_SIM_TIME,
            "cameras": list(bring_up.camera_names),
            "width": bring_up.camera_width,
            "height": bring_up.camera_height,
        },
    )
    entries = (mujoco_sim, sim_cameras) if bring_up.camera_names else (mujoco_sim,)
    return _place(bring_up, entries)


def build_control(bring_up: BringUp) -> tuple[NodeEntry, ...]:
    """List the nodes between the sensors and the arm; they do not know which arm it is."""
    policies = tuple(_POLICIES[name](bring_up) for name in bring_up.policy_nodes)
    blend = {"w_ik": 1.0 - bring_up.groot_share, "w_groot": bring_up.groot_share}
    entries = (
        NodeEntry(
            PACKAGE,
            "residual_blender",
            parameters={**_pace(bring_up), **blend, **_robot_model(bring_up)},
        ),
        NodeEntry(
            PACKAGE,
            "task_monitor",
            parameters={**_SIM_TIME, **_expect_gaps(bring_up)},
            remappings=bring_up.judged_remapping,
        ),
    )
    return _place(bring_up, _build_perception(bring_up) + policies + entries)


def _ik_controller(bring_up: BringUp) -> NodeEntry:
    return _policy(bring_up, "ik_controller", {"mode": bring_up.mode})


def _base_policy(bring_up: BringUp) -> NodeEntry:
    return _policy(bring_up, "base_policy", {"policy": bring_up.policy})


def _policy(bring_up: BringUp, executable: str, chosen: dict[str, str]) -> NodeEntry:
    """A node that is told where the sheet is."""
    return NodeEntry(
        PACKAGE,
        executable,
        parameters={**_pace(bring_up), **_scene(bring_up), **chosen, "seed": bring_up.seed},
        remappings=bring_up.seen_remapping,
    )


def _groot_policy(bring_up: BringUp) -> NodeEntry:
    parameters = {
        **_SIM_TIME,
        "provider": bring_up.groot_provider,
        "profile": _absolute(bring_up.groot_profile),
        "timing": bring_up.groot_timing,
        "seed": bring_up.seed,
    }
    return NodeEntry(PACKAGE, "groot_policy", parameters=parameters)


_POLICIES = {
    "ik_controller": _ik_controller,
    "base_policy": _base_policy,
    "groot_policy": _groot_policy,
}


def _pace(bring_up: BringUp) -> dict[str, bool]:
    return {**_SIM_TIME, "lock_step": bring_up.lock_step}


def _build_perception(bring_up: BringUp) -> tuple[NodeEntry, ...]:
    """List the node that looks for the sheet, if one does."""
    if bring_up.perception != "camera":
        return ()
    parameters = {
        **_SIM_TIME,
        "camera": TRACKED_CAMERA,
        "paper_thickness": bring_up.tier.nominal.paper.thickness,
        # Where the camera hangs is drawn with each episode: what is known of it is then wrong.
        "forget_camera": not _CAMERA_PLACE.isdisjoint(bring_up.tier.varied),
        # A simulated camera has no noise: over a scene at rest its images are all the same.
        "frozen_s": 0.0,
    }
    return (NodeEntry(PACKAGE, "paper_tracker", parameters=parameters),)


def _expect_gaps(bring_up: BringUp) -> dict[str, int]:
    """Let the monitor forgive images that were lost, as long as the policy's patience lasts."""
    return {"unseen_ticks": 5} if bring_up.perception == "camera" else {}


def _place(bring_up: BringUp, entries: tuple[NodeEntry, ...]) -> tuple[NodeEntry, ...]:
    """Move the nodes into the namespace and let the parameter file speak last."""
    overrides: Mapping[str, Mapping[str, Any]] = (
        read_parameters(bring_up.params_file, EXECUTABLES) if bring_up.params_file else {}
    )
    return tuple(
        replace(
            entry,
            namespace=bring_up.namespace.strip("/"),
            parameters={**entry.parameters, **overrides.get(entry.executable, {})},
        )
        for entry in entries
    )


def _scene(bring_up: BringUp) -> dict[str, str]:
    """Name scene and robot model only if they were chosen, files as absolute paths."""
    scene = _absolute(bring_up.scene)
    chosen = {} if scene == "nominal" else {"scene": scene}
    return {**chosen, **_robot_model(bring_up)}


def _robot_model(bring_up: BringUp) -> dict[str, str]:
    """Name the robot model only if it, or the scene, was chosen; as an absolute path."""
    robot_model = bring_up.robot_model or bring_up.tier.nominal.robot_model
    if not robot_model:
        return {}
    return {"robot_model": str(SceneConfig(robot_model).robot_path.resolve())}


def _absolute(name_or_file: str) -> str:
    """A file as an absolute path; the name of something else as it is."""
    path = Path(name_or_file).expanduser()
    return str(path.resolve()) if path.is_file() else name_or_file
