"""A running simulation: episodes, commands, pause and lock-step, without a clock of its own."""

from dataclasses import dataclass

import numpy as np

from so101_ros.arm import HOME_Q, NUM_JOINTS
from so101_ros.control.follower import CommandFollower
from so101_ros.control.steps import limit_steps
from so101_ros.epoch import RESET_GAP_S
from so101_ros.errors import CommandError
from so101_ros.pose import PlanarPose
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.task.starts import PaperStarts
from so101_ros.trajectory import JointTrajectory

_ROUNDING = 1.0 + 1e-6
"""What is at the speed limit but for rounding is not slowed down."""


@dataclass(frozen=True, slots=True)
class Episode:
    """How an episode began.

    Attributes:
        number: Counted from 1 since the simulation started.
        seed: What the start was drawn with.
        start_ns: Its first stamp, in [ns].
        paper: Where the sheet lay.
    """

    number: int
    seed: int
    start_ns: int
    paper: PlanarPose


def reset_gap_ticks(tick: int, rates: Rates) -> int:
    """Length of a reset: at least ``RESET_GAP_S``, up to the next whole second.

    On whole seconds the stamps of every episode differ by the same whole nanoseconds, and policy
    ticks fall on its first stamp: the same seed gives the same numbers, whenever it begins.

    Args:
        tick: Control ticks so far.
        rates: The system's rates.

    Returns:
        Control ticks that pass unobserved.
    """
    earliest = tick + RESET_GAP_S * rates.control_hz
    return int(np.ceil(earliest / rates.control_hz)) * rates.control_hz - tick


class Simulator:
    """Advance arm and sheet by control ticks under the commands that arrive.

    In lock-step, every policy tick waits for a command that is stamped with it. Whatever is
    commanded, by whomever, a servo target moves no faster than its joint can.

    Attributes:
        backend: Physics.
        follower: Takes the commands.
        episode: The current episode.
        lock_step: Whether policy ticks wait for their command.
        slowed_joints: In how many calls of :meth:`advance` each joint was kept at its speed limit.
            Shape (6,).
    """

    def __init__(
        self,
        backend: MujocoBackend,
        follower: CommandFollower,
        starts: PaperStarts,
        seed: int,
        lock_step: bool = False,
    ) -> None:
        """Begin the first episode.

        Args:
            backend: Physics.
            follower: Takes the commands.
            starts: Where sheets lie at the start.
            seed: Seed of the first episode.
            lock_step: Whether policy ticks wait for their command.
        """
        self.backend = backend
        self.follower = follower
        self.lock_step = lock_step
        self._starts = starts
        self._episodes = 0
        self._answered_ns = -1
        self.slowed_joints = np.zeros(NUM_JOINTS, dtype=int)
        self._max_step = _ROUNDING * backend.arm.max_speed / self.rates.control_hz
        self.episode = self.reset(seed)

    @property
    def rates(self) -> Rates:
        """The system's rates."""
        return self.backend.config.rates

    @property
    def stamp_ns(self) -> int:
        """Simulated time in [ns]."""
        return self.backend.stamp_ns

    @property
    def at_policy_tick(self) -> bool:
        """Whether policies are due now."""
        return self.backend.tick % self.rates.control_ticks_per_policy == 0

    @property
    def awaits_command(self) -> bool:
        """Whether time stands still until a command with this stamp arrives."""
        return self.lock_step and self.at_policy_tick and self._answered_ns != self.stamp_ns

    def reset(self, seed: int) -> Episode:
        """Begin an episode; the same seed begins the same one.

        Args:
            seed: Seed of everything random in it.

        Returns:
            How it begins.
        """
        paper = self._starts.sample(np.random.default_rng(seed))
        gap = reset_gap_ticks(self.backend.tick, self.rates)
        self.backend.reset(paper, HOME_Q, gap_ticks=gap)
        self.follower.reset(HOME_Q, self.stamp_ns)
        self._target = HOME_Q
        self._episodes += 1
        self.episode = Episode(self._episodes, seed, self.stamp_ns, paper)
        return self.episode

    def accept(self, command: JointTrajectory) -> None:
        """Follow a command from now on.

        Args:
            command: Joint targets, stamped with the observation behind them.

        Raises:
            CommandError: If it is stale, from the future or, in lock-step, not for this tick.
        """
        if self.lock_step and (command.stamp_ns != self.stamp_ns or not self.awaits_command):
            raise CommandError(
                f"in lock-step a command must answer the policy tick at "
                f"{self.stamp_ns / NANOSECONDS:.6f} s once, got one stamped "
                f"{command.stamp_ns / NANOSECONDS:.6f} s"
            )
        self.follower.accept(command, self.stamp_ns)
        self._answered_ns = command.stamp_ns

    def advance(self, ticks: int = 1) -> None:
        """Run control ticks, whether or not a command is awaited.

        Args:
            ticks: How many.
        """
        tick = self.backend.tick
        stamps_ns = np.array(
            [self.rates.stamp_of_control_tick(tick + ahead) for ahead in range(1, ticks + 1)]
        )
        wanted = self.follower.sample_many(stamps_ns)
        targets, slowed = limit_steps(self._target, wanted, self._max_step)
        self.slowed_joints += slowed
        self._target = targets[-1]
        self.backend.step(targets)
