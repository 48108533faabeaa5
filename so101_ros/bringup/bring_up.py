"""What can be chosen about a bring-up of the paper-return graph."""

import re
from dataclasses import dataclass

from so101_ros.bringup.arguments import argument, check_choices
from so101_ros.bringup.executables import EXECUTABLES
from so101_ros.bringup.params_file import read_parameters
from so101_ros.errors import ConfigError
from so101_ros.groot.chunk_plan import Timing
from so101_ros.groot.settings import GrootSettings
from so101_ros.policies.names import GROOT, HYBRID, HYBRID_GROOT_SHARE, IK, POLICIES
from so101_ros.randomization.load import load_tier
from so101_ros.randomization.tier import SceneTier
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.scene import CAMERA_NAMES, TRACKED_CAMERA

_NAMESPACE = re.compile(r"/?([A-Za-z_]\w*(/[A-Za-z_]\w*)*)?")

_GROOT = GrootSettings()

_POLICY_NODES = {
    IK: ("ik_controller",),
    GROOT: ("groot_policy",),
    HYBRID: ("ik_controller", "groot_policy"),
}
"""The last of them reports of every policy tick; who is not listed is hosted by ``base_policy``."""


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
    groot_provider: str = argument(
        _GROOT.provider,
        "Who answers for GR00T: tcp://HOST:PORT (a server), local:FOLDER (a checkpoint), "
        "replay:FILE (recorded answers)",
    )
    groot_profile: str = argument(
        _GROOT.profile, "What the GR00T model was trained with: a profile's name or YAML file"
    )
    groot_timing: str = argument(
        Timing.ALIGNED.value,
        "While GR00T thinks, time goes on (aligned) or the arm waits (stop_and_go)",
        [timing.value for timing in Timing],
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
        self._check_groot()
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

    def _check_groot(self) -> None:
        if not self.uses_groot:
            return
        # Imports OpenCV, for which those who start another policy should not wait.
        from so101_ros.groot.profile_file import load_profile

        _ = self.groot
        missing = set(load_profile(self.groot_profile).cameras) - set(self.camera_names)
        if missing:
            raise ConfigError(
                f"policy={self.policy!r} needs the cameras {', '.join(sorted(missing))}, got "
                f"cameras={self.cameras!r}. Set cameras=on"
            )
        if self.policy == HYBRID and self.groot.timing is Timing.STOP_AND_GO:
            raise ConfigError(
                "groot_timing='stop_and_go' needs policy='groot': in a hybrid the IK policy moves "
                "the arm while the model thinks. Set groot_timing=aligned"
            )
        if self.lock_step:
            raise ConfigError(
                f"policy={self.policy!r} is not possible in lock-step: simulated time would stand "
                "still while the model thinks. Let time run free (lock_step=false, "
                "real_time_factor above 0)"
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
    def uses_groot(self) -> bool:
        """Whether a GR00T model takes part."""
        return self.policy in (GROOT, HYBRID)

    @property
    def groot(self) -> GrootSettings:
        """Which GR00T model, through which profile.

        Raises:
            ConfigError: If the provider is unknown.
        """
        return GrootSettings(self.groot_profile, self.groot_provider, Timing(self.groot_timing))

    @property
    def policy_nodes(self) -> tuple[str, ...]:
        """Executables of the nodes that host a base policy."""
        return _POLICY_NODES.get(self.policy, ("base_policy",))

    @property
    def policy_node(self) -> str:
        """Executable of the node that reports of every policy tick."""
        return self.policy_nodes[-1]

    @property
    def groot_share(self) -> float:
        """GR00T's share of the base, in [0, 1]."""
        return {GROOT: 1.0, HYBRID: HYBRID_GROOT_SHARE}.get(self.policy, 0.0)

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


def _check_at_least(name: str, value: float, lowest: float) -> None:
    if not value >= lowest:
        raise ConfigError(f"{name}={value} is not allowed: it must be at least {lowest}")


def _check_namespace(namespace: str) -> None:
    if not _NAMESPACE.fullmatch(namespace):
        raise ConfigError(
            f"namespace={namespace!r} is not allowed: give names of letters, digits and '_' "
            "joined by '/', none beginning with a digit, such as 'cell/left'"
        )
