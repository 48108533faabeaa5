"""Parameters of every node that follows the joint states: the rates of the loops around it."""

from dataclasses import dataclass

from so101_ros.nodes.parameters import parameter
from so101_ros.rates import Rates

_RATES = Rates()


@dataclass(frozen=True)
class LoopParameters:
    """Rates that the node must share with the backend."""

    control_hz: int = parameter(_RATES.control_hz, "Joint states per second [Hz]", minimum=1)
    policy_hz: int = parameter(_RATES.policy_hz, "Policy ticks per second [Hz]", minimum=1)

    def __post_init__(self) -> None:
        """Refuse rates that do not divide.

        Raises:
            ConfigError: If they do not.
        """
        _ = self.rates

    @property
    def rates(self) -> Rates:
        """Rates of the loops that the node sees."""
        return Rates(self.control_hz, self.control_hz, self.policy_hz)
