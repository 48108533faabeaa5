"""Turn a compiled scene into another one, in place."""

import mujoco

from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_tuner import LookTuner
from so101_ros.simulation.physics_tuner import PhysicsTuner


class SceneTuner:
    """Change physics and looks of a scene without compiling it again."""

    def __init__(self, model: mujoco.MjModel, nominal: SceneConfig) -> None:
        """Remember the scene as it was compiled.

        Args:
            model: The compiled scene; changed by :meth:`apply`.
            nominal: What it was compiled from.
        """
        self._physics = PhysicsTuner(model, nominal)
        self._looks = LookTuner(model, nominal)

    def can_apply(self, config: SceneConfig) -> bool:
        """Whether a scene has the compiled one's robot model and rates."""
        return self._physics.can_apply(config)

    def apply(self, config: SceneConfig) -> None:
        """Make the scene what a description says; what was applied before leaves no trace.

        Args:
            config: What the scene is made of from now on.

        Raises:
            ConfigError: If :meth:`can_apply` says no.
        """
        self._physics.apply(config)
        self._looks.apply(config)
