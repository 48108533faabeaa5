"""A table of one's own, to try out there what is to be done here."""

from dataclasses import dataclass, field

import numpy as np

from so101_ros.control.ik import HandTarget, IkSolver
from so101_ros.control.kinematics import PRESS, ArmKinematics
from so101_ros.control.press_planner import Phase, PlannerSettings
from so101_ros.errors import PolicyUnavailable
from so101_ros.groot.rehearsal.script import Script
from so101_ros.observation import Observation
from so101_ros.policies.press_and_drag import PressAndDragPolicy
from so101_ros.pose import PlanarPose
from so101_ros.simulation.backend import MujocoBackend
from so101_ros.simulation.config import SceneConfig
from so101_ros.task.measures import measure

LOW = 0.020  # [m]; tips that are lower may touch the sheet
HOVER = 0.030  # [m], as the policy's own
LIFT_SPEED = 0.15  # [m]/[s], as the policy's own
PAUSE_TICKS = 8
"""At rest before anything moves: the first answer arrives late, and would begin with a jump."""


@dataclass(slots=True)
class _Notes:
    """What is written down while the play goes on, a row per tick."""

    q: list[np.ndarray] = field(default_factory=list)
    targets: list[np.ndarray] = field(default_factory=list)
    sheets: list[tuple[float, float, float]] = field(default_factory=list)


class Stage:
    """Play the task through in a simulation that nobody else sees.

    Attributes:
        config: The scene as everybody may know it.
        backend: Arm and sheet.
        rehearsals: How many there were.
    """

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Build the table.

        Args:
            config: The scene as everybody may know it; None for the nominal one.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        self.config = config or SceneConfig()
        self.backend = MujocoBackend(self.config)
        self.rehearsals = 0
        self._planning = PlannerSettings()
        self._policy = PressAndDragPolicy(self.config, self._planning)
        self._kinematics = ArmKinematics(self.config)
        self._ik = IkSolver(self._kinematics, PRESS)
        self._dt = self.config.rates.policy_period_s

    def rehearse(self, q: np.ndarray, sheet: PlanarPose) -> Script:
        """Let the IK policy return the sheet, from here.

        A hand that is low is lifted first: on the way to where it presses next it would take the
        sheet along.

        Args:
            q: Joint positions in [rad]. Shape (6,).
            sheet: Where the sheet lies.

        Returns:
            How it went, until the sheet was returned or an episode's time was over.

        Raises:
            PolicyUnavailable: If the policy sees no way to press on the sheet.
            SimulationError: If the physics becomes unstable.
        """
        self.rehearsals += 1
        self.backend.reset(sheet, q)
        notes = _Notes()
        self._note(notes, q)
        self._begin(notes, q)
        self._play(notes)
        rows = np.array(notes.q), np.array(notes.targets), np.array(notes.sheets)
        rows[2][:, 2] = np.unwrap(rows[2][:, 2])
        return Script(*rows, rate_hz=self.config.rates.policy_hz)

    def _begin(self, notes: _Notes, q: np.ndarray) -> None:
        position, rotation = self._kinematics.site_pose(q, PRESS)
        if position[2] >= LOW:
            for _ in range(PAUSE_TICKS):
                self._move(notes, q)
            return
        while position[2] < HOVER:
            position[2] += LIFT_SPEED * self._dt
            target = self._ik.step(notes.targets[-1], HandTarget(position, rotation), self._dt).q
            self._move(notes, target)

    def _play(self, notes: _Notes) -> None:
        self._policy.reset(0)
        begins = len(notes.q)
        while len(notes.q) - begins < self.config.rates.episode_ticks:
            try:
                chunk = self._policy.act(Observation(self.backend.joint_state, self.backend.paper))
            except PolicyUnavailable:
                if self._policy.strokes == 0:
                    raise
                return
            if self._is_over():
                return
            self._move(notes, chunk.rows[1])

    def _is_over(self) -> bool:
        """Whether the policy looks at a returned sheet, and leaves it there."""
        if self._policy.phase != Phase.LOOK.value:
            return False
        return measure(self.backend.paper.planar).margin >= self._planning.rest_margin

    def _move(self, notes: _Notes, target: np.ndarray) -> None:
        """Tell the joints a target for the end of a tick, and let the tick pass."""
        steps = self.config.rates.control_ticks_per_policy
        share = np.arange(1, steps + 1)[:, None] / steps
        self.backend.step((1.0 - share) * notes.targets[-1] + share * target)
        self._note(notes, target)

    def _note(self, notes: _Notes, target: np.ndarray) -> None:
        sheet = self.backend.paper.planar
        notes.q.append(self.backend.joint_state.q)
        notes.targets.append(np.array(target, dtype=float))
        notes.sheets.append((sheet.x, sheet.y, sheet.yaw))
