"""A running simulation: episodes, commands, delays, pause and lock-step, without a clock."""

import numpy as np

from so101_ros.arm import HOME_Q, NUM_JOINTS
from so101_ros.control.follower import CommandFollower
from so101_ros.errors import CommandError, SimulationError
from so101_ros.observation import PAPER_TIMEOUT_S, JointState, Observation
from so101_ros.randomization.tier import SceneTier
from so101_ros.rates import NANOSECONDS, Rates
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.delay_line import DelayLine
from so101_ros.simulation.episode import Episode, reset_gap_ticks
from so101_ros.simulation.image_schedule import ImageSchedule
from so101_ros.simulation.joint_sensor import JointSensor
from so101_ros.simulation.scene import TRACKED_CAMERA
from so101_ros.simulation.servo_path import ServoPath
from so101_ros.simulation.sight import LateSight, SeenPaper, Sight, TrueSight
from so101_ros.simulation.truths import Exposure, ImageMoment, Truth, Truths
from so101_ros.task.situation import Situation
from so101_ros.trajectory import JointTrajectory


class Simulator:
    """Advance arm and sheet by control ticks under the commands that arrive.

    What is observed carries the stamp of when it was measured, however late it arrives. Policy
    ticks are the control ticks at which a joint state of the policy's grid arrives. In lock-step,
    every one of them waits for a command that is stamped with that joint state.

    Attributes:
        backend: Physics, of the scene that was drawn for the episode.
        follower: Takes the commands.
        tier: What episodes are drawn from.
        sight: Who looks for the sheet; assign to let somebody else look, from the next reset on.
        episode: The current episode.
        lock_step: Whether policy ticks wait for their command.
        slowed_joints: In how many calls of :meth:`advance` each joint was kept at its speed limit.
            Shape (6,).
        late_commands: Commands that were too old when they arrived.
    """

    def __init__(
        self,
        backend: MujocoBackend,
        follower: CommandFollower,
        tier: SceneTier | None = None,
        seed: int = 0,
        lock_step: bool = False,
    ) -> None:
        """Begin the first episode.

        Args:
            backend: Physics.
            follower: Takes the commands.
            tier: What episodes are drawn from, of the backend's robot model and rates; None for
                the nominal scene.
            seed: Seed of the first episode.
            lock_step: Whether policy ticks wait for their command.
        """
        self.backend = backend
        self.follower = follower
        self.tier = tier or SceneTier(nominal=backend.config)
        self.sight: Sight = TrueSight(backend)
        self.lock_step = lock_step
        self._episodes = 0
        self._answered_ns = -1
        self.slowed_joints = np.zeros(NUM_JOINTS, dtype=int)
        self.late_commands = 0
        self.episode = self.reset(seed)

    # Time.

    @property
    def rates(self) -> Rates:
        """The system's rates."""
        return self.backend.config.rates

    @property
    def stamp_ns(self) -> int:
        """Simulated time in [ns]."""
        return self.backend.stamp_ns

    @property
    def measured_ns(self) -> int:
        """Stamp of the joint state that arrives now, in [ns]."""
        return self.rates.stamp_of_control_tick(self.backend.tick - self._joints.delay_ticks)

    @property
    def at_exposure(self) -> bool:
        """Whether the cameras take an image now."""
        return self.backend.tick % self.rates.control_ticks_per_policy == 0

    @property
    def at_policy_tick(self) -> bool:
        """Whether policies are due now."""
        measured_tick = self.backend.tick - self._joints.delay_ticks
        return measured_tick % self.rates.control_ticks_per_policy == 0

    @property
    def awaits_command(self) -> bool:
        """Whether time stands still until a command for this tick arrives."""
        return self.lock_step and self.at_policy_tick and self._answered_ns != self.measured_ns

    # What is seen, and what is true.

    @property
    def joint_state(self) -> JointState:
        """The newest joint state that has arrived."""
        return self._joints.read()

    @property
    def paper_seen(self) -> SeenPaper:
        """What the newest image that has arrived tells of the sheet, however old it is."""
        seen = self._eyes.latest
        if seen is None or (self._in_time and self.at_exposure and seen.stamp_ns != self.stamp_ns):
            self._eyes.expose(self.stamp_ns)
            seen = self._eyes.latest
            assert seen is not None  # nothing is late at this point, or an image was waited for
        return seen

    @property
    def observation(self) -> Observation:
        """What a policy sees now; an image that is too old tells it nothing."""
        joints, seen = self.joint_state, self.paper_seen
        if joints.stamp_ns - seen.stamp_ns > _PAPER_TIMEOUT_NS:
            return Observation(joints, None)
        return Observation(joints, seen.pose, seen.stamp_ns)

    @property
    def true_q(self) -> np.ndarray:
        """True joint positions at the last policy tick's stamp, in [rad]. Shape (6,)."""
        return self.backend.joint_state.q if self._in_time else self._judged.q

    @property
    def situation(self) -> Situation:
        """What is true of arm and sheet at the stamp of the last policy tick's joint state."""
        return self.backend.situation if self._in_time else self._judged.situation

    def exposures_after(self, stamp_ns: int) -> list[Exposure]:
        """What the cameras took images of in the last seconds.

        Args:
            stamp_ns: Only what came later, in [ns].
        """
        if not self._in_time:
            return self._truths.exposures_after(stamp_ns)
        return [Exposure.of(self.backend)] if self.at_exposure and self.stamp_ns > stamp_ns else []

    def image_moment(self, camera: str) -> ImageMoment:
        """What the newest image of a camera shows; see :meth:`Truths.shown`.

        Args:
            camera: Name of the camera.
        """
        if self._in_time:
            return ImageMoment(self.stamp_ns - self._reset_ns, self.backend.state)
        shown = self._truths.shown(self._schedule_of(camera), self.stamp_ns)
        return ImageMoment(shown.stamp_ns - self._reset_ns, shown.state)

    def _schedule_of(self, camera: str) -> ImageSchedule:
        if camera not in self._schedules:
            delay = self.backend.config.delay
            self._schedules[camera] = ImageSchedule(
                delay, self._seed, self._reset_ns, self.rates, camera
            )
        return self._schedules[camera]

    @property
    def _judged(self) -> Truth:
        return self._truths.at(self.measured_ns)

    # Episodes.

    def reset(self, seed: int) -> Episode:
        """Begin an episode; the same seed begins the same one.

        Args:
            seed: Seed of everything random in it.

        Returns:
            How it begins.
        """
        paper = self.tier.start(seed)
        self.backend.retune(self.tier.sample(seed))
        gap = reset_gap_ticks(self.backend.tick, self.rates)
        self.backend.reset(paper, HOME_Q, gap_ticks=gap)
        self._seed, self._reset_ns = seed, self.stamp_ns
        self._begin_transport()
        self._wait_for_observation()
        self._episodes += 1
        self.episode = Episode(self._episodes, seed, self._reset_ns, self.measured_ns, paper)
        return self.episode

    def _begin_transport(self) -> None:
        config = self.backend.config
        self._commands: DelayLine[JointTrajectory] = DelayLine()
        self._command_delay_ns = self.rates.stamp_of_control_tick(
            self.rates.control_ticks_in(config.delay.command_s)
        )
        self._joints = JointSensor(self.backend)
        self._truths = Truths(self.rates.policy_hz)
        self._schedules: dict[str, ImageSchedule] = {}
        self.sight.reset(self._seed)
        schedule = self._schedule_of(TRACKED_CAMERA)
        self._eyes = LateSight(self.sight, schedule)
        late = self._command_delay_ns or self._joints.delay_ticks
        self._in_time = schedule.in_time and not late
        rest = HOME_Q + np.array(config.calibration.joint_zeros)
        self._servos = ServoPath(config, rest)
        self.follower.reset(rest, self._reset_ns)

    def _wait_for_observation(self) -> None:
        """Let time pass, with the arm at rest, until there is something to answer to."""
        if self._in_time:
            return
        self._look()
        self._eyes.receive(self.stamp_ns)
        while not (self.at_policy_tick and self._eyes.latest and self._joints.has_arrived):
            self._advance_late()

    # Commands.

    def accept(self, command: JointTrajectory) -> None:
        """Send a command on its way; it is followed when it arrives.

        Args:
            command: Joint targets, stamped with the observation behind them.

        Raises:
            CommandError: If it is stale, from the future or, in lock-step, not for this tick.
        """
        if self.lock_step and (command.stamp_ns != self.measured_ns or not self.awaits_command):
            raise CommandError(
                f"in lock-step a command must answer the policy tick at "
                f"{self.measured_ns / NANOSECONDS:.6f} s once, got one stamped "
                f"{command.stamp_ns / NANOSECONDS:.6f} s"
            )
        if self._command_delay_ns:
            self.follower.check(command, self.stamp_ns)
            self._commands.send(command, self.stamp_ns + self._command_delay_ns)
        else:
            self.follower.accept(command, self.stamp_ns)
        self._answered_ns = command.stamp_ns

    def advance(self, ticks: int = 1) -> None:
        """Run control ticks, whether or not a command is awaited.

        Args:
            ticks: How many.

        Raises:
            SimulationError: If the physics has become unstable.
        """
        if self._in_time:
            self._move(ticks)
            return
        for _ in range(ticks):
            self._advance_late()

    def _move(self, ticks: int) -> None:
        tick = self.backend.tick
        stamps_ns = np.array(
            [self.rates.stamp_of_control_tick(tick + ahead) for ahead in range(1, ticks + 1)]
        )
        targets, slowed = self._servos.follow(self.follower.sample_many(stamps_ns))
        self.slowed_joints += slowed
        try:
            self.backend.step(targets)
        except SimulationError as err:
            raise SimulationError(f"in the episode of seed {self._seed}: {err}") from err

    def _advance_late(self) -> None:
        """Run one control tick of a world in which things take their time."""
        for command in self._commands.arrivals(self.stamp_ns):
            self._deliver(command)
        self._move(1)
        self._joints.record()
        if self.at_exposure:
            self._look()
        self._eyes.receive(self.stamp_ns)

    def _deliver(self, command: JointTrajectory) -> None:
        try:
            self.follower.accept(command, self.stamp_ns)
        except CommandError:
            self.late_commands += 1

    def _look(self) -> None:
        """Take an image, and note what is true in this moment."""
        self._eyes.expose(self.stamp_ns)
        self._truths.note(Truth.of(self.backend))


_PAPER_TIMEOUT_NS = round(PAPER_TIMEOUT_S * NANOSECONDS)
