"""The node set of a bring-up, described once.

Plain data and pure functions. The launch files hand it to ``launch_ros``, ``so101 up`` and the demo
to child processes; the nodes, their parameters and their remappings are the same either way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from so101_ros.bringup.arguments import argument, check_choices
from so101_ros.bringup.node_entry import NodeEntry
from so101_ros.bringup.params_file import read_parameters
from so101_ros.errors import ConfigError
from so101_ros.policies.names import ORACLE, POLICIES
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import CAMERA_NAMES, TRACKED_CAMERA

PACKAGE = "so101_ros"

EXECUTABLES = (
    "mujoco_sim",
    "sim_cameras",
    "paper_tracker",
    "ik_controller",
    "base_policy",
    "residual_blender",
    "task_monitor",
)
"""The nodes of this package.

A graph has one of the two that host a policy, and ``paper_tracker`` if the camera tells the pose.
"""

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

_NAMESPACE = re.compile(r"/?([A-Za-z_]\w*(/[A-Za-z_]\w*)*)?")

_CAMERA_PLACE = {"calibration.top_camera_offset", "calibration.top_camera_turn"}

_SIM_TIME = {"use_sim_time": True}


@dataclass(frozen=True, slots=True)
class BringUp:
    """What can be chosen about the paper-return graph; each field is described beside its default.

    Raises:
        ConfigError: If a value is unknown or outside its range.
        AssetError: If a named file does not exist.
    """

    backend: str = argument("sim", "Where the arm is: MuJoCo", ["sim"])
    policy: str = argument("ik", f"Who moves the arm: {', '.join(POLICIES)}")
    mode: str = argument(
        "task", "What the IK policy follows: the task, or target_pose", ["task", "cartesian"]
    )
    perception: str = argument(
        "truth",
        "Where paper_pose comes from: the simulator's own pose, or the top camera's images",
        ["truth", "camera"],
    )
    cameras: str = argument("on", "Cameras: on, off, or names like top,wrist")
    camera_width: int = argument(320, "Image width [pixel]")
    camera_height: int = argument(240, "Image height [pixel]")
    scene: str = argument(
        "nominal", "Scene, by name (`so101 scenes list`) or as a YAML file; drawn anew by each seed"
    )
    robot_model: str = argument("", "MJCF of the arm; empty for the scene's own")
    seed: int = argument(0, "Seed of the first episode")
    real_time_factor: float = argument(
        1.0, "Simulated seconds per second; 0 for as fast as possible"
    )
    lock_step: bool = argument(False, "Wait for the command of every policy tick (deterministic)")
    namespace: str = argument("", "Namespace of every node and topic; empty for the root")
    params_file: str = argument("", "YAML of node parameters; wins over the arguments")

    def __post_init__(self) -> None:
        """Refuse what cannot be started, before anything is."""
        if self.backend == "real":
            raise ConfigError(
                "backend='real' is not available in this release. Allowed: sim (MuJoCo)"
            )
        check_choices(self)
        self._check_policy()
        self._check_perception()
        for name in ("camera_width", "camera_height"):
            _check_at_least(name, getattr(self, name), 1)
        _check_at_least("seed", self.seed, 0)
        _check_at_least("real_time_factor", self.real_time_factor, 0)
        _check_namespace(self.namespace)
        _ = self.camera_names, self.tier, SceneConfig(self.robot_model).robot_path
        if self.params_file:
            read_parameters(self.params_file, EXECUTABLES)

    def _check_policy(self) -> None:
        if self.policy == "ik":
            return
        # Imports every policy, for which those who start the default should not wait.
        from so101_ros.policies.registry import check_policy

        check_policy(self.policy)
        if self.mode != "task":
            raise ConfigError(
                f"mode={self.mode!r} needs policy='ik', got policy={self.policy!r}: only the IK "
                "policy follows target_pose"
            )

    def _check_perception(self) -> None:
        if self.perception != "camera":
            return
        if TRACKED_CAMERA not in self.camera_names:
            raise ConfigError(
                f"perception='camera' needs the {TRACKED_CAMERA} camera, got cameras="
                f"{self.cameras!r}. Set cameras=on or cameras={TRACKED_CAMERA}"
            )
        if self.lock_step:
            raise ConfigError(
                "perception='camera' is not possible in lock-step: one lost image, or one in which "
                "the sheet is hidden, would stop simulated time. Set perception=truth, or let time "
                "run free (lock_step=false, real_time_factor above 0)"
            )

    @property
    def tier(self) -> SceneTier:
        """What episodes are drawn from.

        Raises:
            ConfigError: If the scene is unknown, or its file describes none.
        """
        return SceneTier() if self.scene == "nominal" else load_tier(self.scene)

    @property
    def seen_remapping(self) -> dict[str, str]:
        """Where policies find ``paper_pose``: what is seen, as late as the scene's images are."""
        return {} if self.perception == "camera" else {"paper_pose": "sim/paper_pose"}

    @property
    def judged_remapping(self) -> dict[str, str]:
        """Where the monitor finds ``paper_pose``: what is true."""
        return {} if self.perception == "camera" else {"paper_pose": "ground_truth/paper_pose"}

    @property
    def policy_node(self) -> str:
        """Executable of the node that hosts the policy."""
        return "ik_controller" if self.policy == "ik" else "base_policy"

    @property
    def camera_names(self) -> tuple[str, ...]:
        """The cameras that render, by name.

        Raises:
            ConfigError: If one is unknown.
        """
        if self.cameras in ("on", "off"):
            return CAMERA_NAMES if self.cameras == "on" else ()
        names = tuple(name.strip() for name in self.cameras.split(","))
        unknown = [name for name in names if name not in CAMERA_NAMES]
        if unknown or len(set(names)) < len(names):
            raise ConfigError(
                f"cameras={self.cameras!r} is not known. "
                f"Allowed: on, off, or a list without repetition of {', '.join(CAMERA_NAMES)}"
            )
        return names


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
    paced = {**_SIM_TIME, "lock_step": bring_up.lock_step}
    is_ik = bring_up.policy_node == "ik_controller"
    chosen = {"mode": bring_up.mode} if is_ik else {"policy": bring_up.policy}
    entries = (
        NodeEntry(
            PACKAGE,
            bring_up.policy_node,
            parameters={**paced, **_scene(bring_up), **chosen, "seed": bring_up.seed},
            remappings=bring_up.seen_remapping,
        ),
        NodeEntry(PACKAGE, "residual_blender", parameters={**paced, **_robot_model(bring_up)}),
        NodeEntry(
            PACKAGE,
            "task_monitor",
            parameters={**_SIM_TIME, **_expect_gaps(bring_up)},
            remappings=bring_up.judged_remapping,
        ),
    )
    return _place(bring_up, _build_perception(bring_up) + entries)


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
    scene = bring_up.scene
    if Path(scene).expanduser().is_file():
        scene = str(Path(scene).expanduser().resolve())
    chosen = {} if scene == "nominal" else {"scene": scene}
    return {**chosen, **_robot_model(bring_up)}


def _robot_model(bring_up: BringUp) -> dict[str, str]:
    """Name the robot model only if it, or the scene, was chosen; as an absolute path."""
    robot_model = bring_up.robot_model or bring_up.tier.nominal.robot_model
    if not robot_model:
        return {}
    return {"robot_model": str(SceneConfig(robot_model).robot_path.resolve())}


def _check_at_least(name: str, value: float, lowest: float) -> None:
    if not value >= lowest:
        raise ConfigError(f"{name}={value} is not allowed: it must be at least {lowest}")


def _check_namespace(namespace: str) -> None:
    if not _NAMESPACE.fullmatch(namespace):
        raise ConfigError(
            f"namespace={namespace!r} is not allowed: give names of letters, digits and '_' "
            "joined by '/', none beginning with a digit, such as 'cell/left'"
        )
