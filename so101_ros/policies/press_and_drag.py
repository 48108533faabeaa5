"""The inverse-kinematics base policy: the press-and-drag planner, carried out by the joints."""

from enum import Enum

import numpy as np

from so101_ros.arm import GRIPPER, HOME_Q
from so101_ros.control.hand import DownwardHand, MeasuredHand
from so101_ros.control.ik import IkResult, IkSolver
from so101_ros.control.kinematics import PRESS, PRESS_JAW, ArmKinematics
from so101_ros.control.level import TipLevel
from so101_ros.control.press_planner import Phase, PlannerSettings, PressPlanner
from so101_ros.control.reach import DownwardReach
from so101_ros.control.sag import SagCompensator
from so101_ros.control.sheet_prediction import SheetPrediction
from so101_ros.errors import PolicyUnavailable
from so101_ros.observation import Observation
from so101_ros.pose import PlanarPose
from so101_ros.simulation.config import SceneConfig
from so101_ros.trajectory import JointTrajectory

RECOVER_SPEED = 1.0  # [rad]/[s], joint speed on the way to the rest pose
MAX_HAND_ERROR = 0.010  # [m], IK further off than this has failed
MAX_APPROACH_ERROR = 0.10  # [rad]
PATIENCE_TICKS = 10  # how long IK may fail before the stroke is given up
MAX_FAILURES = 5  # strokes given up in an episode before the policy says that it cannot
SETTLED = 0.004  # [rad]
MAX_START_TILT = 0.15  # [rad], more than this and the hand does not point down


def _coast(ticks: int, decay: float) -> np.ndarray:
    """How far a motion goes on, in steps of its first period. Shape (ticks + 2,)."""
    return np.concatenate([[0.0, 1.0], 1.0 + np.cumsum(decay ** np.arange(ticks))])


_COAST = _coast(ticks=10, decay=0.7)
"""An answer may be a third of a second late; its first rows are then skipped, not waited for."""


class Mode(str, Enum):
    """Who moves the joints."""

    RECOVER = "recover"  # joint motion to the rest pose, from wherever the arm is
    PLAN = "plan"  # the planner leads the hand


class PressAndDragPolicy:
    """Return the sheet, closed loop on its pose; deterministic for a seed."""

    def __init__(
        self, config: SceneConfig | None = None, settings: PlannerSettings | None = None
    ) -> None:
        """Prepare kinematics, solver and planner.

        Args:
            config: Which robot model and rates; None for the nominal scene.
            settings: Tuning of the planner; None for the defaults.

        Raises:
            AssetError: If the robot model does not exist.
            ModelError: If it is not an SO-101.
        """
        config = config or SceneConfig()
        self._dt = config.rates.policy_period_s
        self._kinematics = ArmKinematics(config)
        self._reach = DownwardReach(self._kinematics)
        self._ik = IkSolver(self._kinematics, PRESS)
        self._planner = PressPlanner(self._reach, config.paper.thickness, settings)
        self.reset(0)

    @property
    def phase(self) -> str:
        """What the policy is doing, for people."""
        return self._planner.phase.value if self._mode is Mode.PLAN else self._mode.value

    @property
    def strokes(self) -> int:
        """Presses so far in this episode."""
        return self._planner.strokes

    def reset(self, seed: int) -> None:
        """Forget the past and begin an episode.

        Args:
            seed: Seed of the choice among presses in later tries.
        """
        self._seed = seed
        self._sag = SagCompensator()
        self._level = TipLevel()
        self._sheet = SheetPrediction()
        self._mode = Mode.RECOVER
        self._q_ref: np.ndarray | None = None
        self._failing_ticks = 0
        self._failures = 0
        self._given_up = ""

    def act(self, observation: Observation) -> JointTrajectory:
        """Answer one observation.

        Args:
            observation: The arm and the sheet now.

        Returns:
            Targets for this policy period and, extrapolated, for the next one.

        Raises:
            PolicyUnavailable: If the sheet's pose is unknown or out of reach, or the hand cannot
                follow.
        """
        if observation.paper is None:
            raise PolicyUnavailable("nobody knows where the sheet is: no paper pose")
        if self._given_up:
            raise PolicyUnavailable(self._given_up)
        q = observation.joints.q
        q_ref = q.copy() if self._q_ref is None else self._q_ref
        previous = q_ref + self._correction
        if self._mode is Mode.RECOVER:
            self._q_ref = self._recover(q_ref, q)
        else:
            self._q_ref = self._follow_planner(q_ref, observation)
        return self._chunk(observation.stamp_ns, previous, self._q_ref + self._correction)

    def _recover(self, q_ref: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Move the joints towards the rest pose; hand over as soon as the hand points down."""
        if self._points_down(q):
            self._mode = Mode.PLAN
            self._planner.reset(np.random.default_rng(self._seed), self._measure_hand(q))
            return q_ref
        step = RECOVER_SPEED * self._dt
        return q_ref + np.clip(HOME_Q - q_ref, -step, step)

    def _follow_planner(self, q_ref: np.ndarray, observation: Observation) -> np.ndarray:
        q = observation.joints.q
        measured = MeasuredHand(
            self._measure_hand(q),
            settled=bool(np.abs(q_ref - q)[:GRIPPER].max() < SETTLED),
            softness=self._kinematics.vertical_softness(q),
        )
        if self._planner.phase in (Phase.SETTLE, Phase.LOOK):
            self._sag.learn(q_ref, q)
        if self._planner.phase in (Phase.PRESS, Phase.DRAG):
            self._level.regulate(q_ref, q)
        else:
            self._level.release()
        paper = self._predict_sheet(observation, measured.pose)
        hand = self._planner.advance(paper, measured, self._dt)
        result = self._ik.step(q_ref, hand.target, self._dt)
        self._watch(result, q)
        result.q[GRIPPER] = self._next_jaw(result.q[GRIPPER])
        return result.q

    def _predict_sheet(self, observation: Observation, hand: DownwardHand) -> PlanarPose:
        assert observation.paper is not None  # or there would be no answer
        paper = observation.paper.planar
        if self._planner.phase is not Phase.DRAG:
            self._sheet.release()
            return paper
        now_ns, seen_ns = observation.stamp_ns, observation.paper_stamp_ns
        return self._sheet.predict(
            paper, now_ns if seen_ns is None else seen_ns, hand.planar, now_ns
        )

    @property
    def _correction(self) -> np.ndarray:
        """What makes up for servos that give way, in [rad]. Shape (6,)."""
        return self._sag.correction + self._level.correction

    def _watch(self, result: IkResult, q: np.ndarray) -> None:
        """Give a stroke up when the hand cannot follow, and the episode when that goes on."""
        failed = (
            result.position_error > MAX_HAND_ERROR or result.approach_error > MAX_APPROACH_ERROR
        )
        self._failing_ticks = self._failing_ticks + 1 if failed else 0
        if self._failing_ticks < PATIENCE_TICKS:
            return
        self._failing_ticks = 0
        self._failures += 1
        self._planner.abandon(self._measure_hand(q))
        if self._failures >= MAX_FAILURES:
            self._given_up = (
                f"the hand cannot follow: {1000.0 * result.position_error:.0f} mm and "
                f"{np.degrees(result.approach_error):.0f} deg off after {self._failures} tries; "
                "reset the episode"
            )

    def _next_jaw(self, jaw: float) -> float:
        step = RECOVER_SPEED * self._dt
        return jaw + float(np.clip(PRESS_JAW - jaw, -step, step))

    def _measure_hand(self, q: np.ndarray) -> DownwardHand:
        position, rotation = self._kinematics.site_pose(q, PRESS)
        yaw = float(np.arctan2(rotation[1, 0], rotation[0, 0]))
        unwound = self._reach.unwind(np.array([[*position[:2], yaw]]))[0]
        return DownwardHand(*position, yaw=float(unwound[2]))

    def _points_down(self, q: np.ndarray) -> bool:
        _, rotation = self._kinematics.site_pose(q, PRESS)
        hand = self._measure_hand(q).planar
        tilt = np.arccos(np.clip(-rotation[2, 2], -1.0, 1.0))
        within_reach = self._reach.margin(np.array([hand.x, hand.y, hand.yaw])) > 0.0
        return bool(tilt < MAX_START_TILT and within_reach)

    def _chunk(self, stamp_ns: int, previous: np.ndarray, target: np.ndarray) -> JointTrajectory:
        """This period's motion, and how it goes on if the next answers are late: it dies out."""
        arm = self._kinematics.arm
        rows = previous + _COAST[:, None] * (target - previous)
        rows[1] = target  # to the last bit
        times_s = self._dt * np.arange(len(_COAST))
        return JointTrajectory(stamp_ns, times_s, rows.clip(arm.lower, arm.upper))
