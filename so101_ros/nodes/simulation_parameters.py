"""Parameters of the simulator node, and what they describe."""

from dataclasses import dataclass

from so101_ros.control.follower import CommandFollower
from so101_ros.nodes.parameters import parameter
from so101_ros.nodes.scene_parameter import SCENE_HELP, read_tier
from so101_ros.rates import Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.pacing import Pacer
from so101_ros.simulation.simulator import Simulator


@dataclass(frozen=True)
class SimulationParameters:
    """What can be chosen when the simulator starts; ``seed`` also later, for the next reset."""

    scene: str = parameter("nominal", SCENE_HELP)
    robot_model: str = parameter("", "MJCF of the SO-101; empty for the scene's own")
    seed: int = parameter(0, "Seed of the next episode (at sim/reset)", minimum=0, live=True)
    real_time_factor: float = parameter(
        1.0, "Simulated seconds per wall second; 0.0: as fast as possible", minimum=0.0
    )
    lock_step: bool = parameter(False, "Wait at every policy tick for a command stamped with it")
    command_timeout_s: float = parameter(
        0.2, "How long a command is followed without a newer one [s]", minimum=0.01, maximum=10.0
    )
    allow_place_paper: bool = parameter(
        False, "Let sim/place_paper move the sheet: for the oracle, which proves evaluations"
    )
    physics_hz: int = parameter(480, "MuJoCo steps per simulated second", minimum=1)
    control_hz: int = parameter(120, "Joint states per simulated second", minimum=1)
    policy_hz: int = parameter(30, "Policy ticks per simulated second", minimum=1)

    def build_simulator(self) -> Simulator:
        """Build what the parameters describe.

        Raises:
            So101Error: If they do not describe a simulation.
        """
        rates = Rates(self.physics_hz, self.control_hz, self.policy_hz)
        tier = read_tier(self.scene, self.robot_model, rates)
        backend = MujocoBackend(tier.nominal)
        follower = CommandFollower(backend.arm, self.command_timeout_s)
        return Simulator(backend, follower, tier, self.seed, self.lock_step)

    def build_pacer(self) -> Pacer | None:
        """Build the pace of the simulation; None lets it run as fast as it can.

        Raises:
            ConfigError: If the real-time factor is no pace.
        """
        if self.real_time_factor == 0.0:
            return None
        return Pacer(1.0 / self.control_hz, self.real_time_factor)
