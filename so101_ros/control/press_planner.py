"""Where the hand goes to return the sheet: press, slide and turn, lift, look again, repeat."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from so101_ros.control.drag import Drag, paper_error, slip
from so101_ros.control.glide import Glide
from so101_ros.control.hand import DownwardHand, MeasuredHand
from so101_ros.control.reach import DownwardReach
from so101_ros.control.stall import StallWatch
from so101_ros.control.stroke import Stroke, plan_stroke, relative
from so101_ros.errors import PolicyUnavailable
from so101_ros.pose import PlanarPose, wrap_to_pi
from so101_ros.simulation.scene import TIP_RADIUS
from so101_ros.task.measures import measure


class Phase(str, Enum):
    """What the hand is doing."""

    LOOK = "look"  # at rest in the air: decide what to do
    TRAVEL = "travel"  # in the air to above the press
    SETTLE = "settle"  # above the press until the arm is at rest
    DESCEND = "descend"  # down to the sheet
    PRESS = "press"  # further down until the table pushes back
    DRAG = "drag"  # the sheet follows the hand
    LIFT = "lift"  # up again


@dataclass(frozen=True, slots=True)
class PressSettings:
    """Tuning of the planner.

    Attributes:
        hover_clearance: Height of the tips over the sheet while travelling in [m].
        press: Wanted force over joint stiffness in [rad]/[m]: 4 N at 50 N m/rad. With the hand's
            softness it says how far the reference is led below the tips, some 2 to 5 mm,
            wherever a wrong joint zero makes the table appear.
        press_speed: Speed of the search for the table, and fastest regulation, in [m]/[s].
        press_rate: How fast the depth is regulated in [1/s].
        press_timeout_s: Longest search for the table in [s].
        travel_speed: Peak speed in the air in [m]/[s].
        vertical_speed: Peak speed towards the sheet and away from it in [m]/[s].
        turn_speed: Peak turning speed in the air in [rad]/[s].
        done_distance: Error at which a drag ends in [m].
        done_yaw: Likewise in [rad].
        rest_margin: Corner margin in [m] with which the sheet counts as returned.
        max_slip: How far the press may wander over the sheet in [m].
        drag_timeout_s: Longest drag in [s].
        settle_timeout_s: Longest wait above the press in [s].
    """

    hover_clearance: float = 0.021
    press: float = 0.08
    press_speed: float = 0.03
    press_rate: float = 8.0
    press_timeout_s: float = 2.0
    travel_speed: float = 0.45
    vertical_speed: float = 0.15
    turn_speed: float = 3.5
    done_distance: float = 0.0025
    done_yaw: float = 0.012
    rest_margin: float = 0.008
    max_slip: float = 0.025
    drag_timeout_s: float = 6.0
    settle_timeout_s: float = 0.4


_CONTACT_SHARE = 0.8  # of the press depth: the table pushes back
_STALL_WINDOW_S = 0.4
_STALL_PROGRESS = 0.004  # [m] in one window
_LEVER = 0.1  # [m], turns an angle into a distance: about half the sheet
_EASING = 0.7  # what a stall leaves of the press
_LEAST_EFFORT = 0.3  # of the wanted press: the tips must not let go
_STILL_SHARE = 0.25  # of the press speed; a hand that sinks more slowly stands on something
_CONTACT_TICKS = 3  # so long: a lagging hand starts to sink within two
_RETRY_JITTER_S = 0.5  # spreads the choice of later presses: another try should be another try


class PressPlanner:
    """Decide at every policy tick where the hand should be.

    Attributes:
        phase: What the hand is doing.
        strokes: Presses so far in this episode.
    """

    def __init__(
        self, reach: DownwardReach, paper_thickness: float, settings: PressSettings | None = None
    ) -> None:
        """Take in the geometry.

        Args:
            reach: Where the hand can point straight down.
            paper_thickness: In [m].
            settings: Tuning; None for the defaults.
        """
        self._reach = reach
        self._settings = settings or PressSettings()
        self._nominal_contact = paper_thickness + TIP_RADIUS
        self._steps = {
            Phase.LOOK: self._look,
            Phase.TRAVEL: self._travel,
            Phase.SETTLE: self._settle,
            Phase.DESCEND: self._descend,
            Phase.PRESS: self._press,
            Phase.DRAG: self._do_drag,
            Phase.LIFT: self._lift,
        }
        self.reset(np.random.default_rng(0), DownwardHand(0.0, 0.0, 0.0, 0.0))

    def reset(self, rng: np.random.Generator, hand: DownwardHand) -> None:
        """Begin afresh with the hand where it is.

        Args:
            rng: Source of the choice among presses in later tries.
            hand: Where the hand is.
        """
        self._rng = rng
        self._reference = hand
        self._stroke: Stroke | None = None
        self._glide: Glide | None = None
        self._drag: Drag | None = None
        self._elapsed_s = 0.0
        self._effort = 1.0  # share of the wanted press
        self._stall = StallWatch(_STALL_WINDOW_S, _STALL_PROGRESS)
        self._last_height = hand.z
        self._still_ticks = 0
        self._contact_height = self._nominal_contact
        self.strokes = 0
        self.phase = Phase.LOOK

    def abandon(self, hand: DownwardHand) -> None:
        """Give up what is going on and look again from where the hand is."""
        self._reference = hand
        self._enter(Phase.LOOK)

    def advance(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        """Take in one tick.

        Args:
            paper: Where the sheet is.
            hand: Where the hand is, measured.
            dt: Time since the last tick in [s].

        Returns:
            Where the hand should be at the next tick.

        Raises:
            PolicyUnavailable: If the sheet lies where no press can move it.
        """
        self._elapsed_s += dt
        sinks = self._last_height - hand.pose.z > _STILL_SHARE * self._settings.press_speed * dt
        self._still_ticks = 0 if sinks else self._still_ticks + 1
        self._last_height = hand.pose.z
        self._reference = self._steps[self.phase](paper, hand, dt)
        return self._reference

    # One method per phase: each returns the next reference and may enter another phase.

    def _look(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        del hand, dt  # Unused.
        if measure(paper).margin >= self._settings.rest_margin:
            return self._reference
        jitter_s = _RETRY_JITTER_S if self.strokes else 0.0
        self._stroke = plan_stroke(paper, self._reach, self._rng, jitter_s)
        if self._stroke is None:
            raise PolicyUnavailable(
                f"no press within reach can move the sheet from x={paper.x:.3f} m, "
                f"y={paper.y:.3f} m, yaw={np.degrees(paper.yaw):.0f} deg; lay it closer to the arm"
            )
        above = self._reference.at(self._stroke.start).lifted_to(self._hover_height)
        self._glide = self._plan_glide(above, self._settings.travel_speed)
        self._enter(Phase.TRAVEL)
        return self._reference

    def _travel(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        del paper, hand  # Unused.
        return self._follow_glide(dt, then=Phase.SETTLE)

    def _settle(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        del paper, dt  # Unused.
        if hand.settled or self._elapsed_s > self._settings.settle_timeout_s:
            self._effort = 1.0
            down = self._reference.lifted_to(self._contact_height)
            self._glide = self._plan_glide(down, self._settings.vertical_speed)
            self._enter(Phase.DESCEND)
        return self._reference

    def _descend(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        del paper, hand  # Unused.
        return self._follow_glide(dt, then=Phase.PRESS)

    def _press(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        if self._touches(hand):
            assert self._stroke is not None
            self.strokes += 1
            # Wrong joint zeros shift the table; the next press expects it where it was found.
            self._contact_height = hand.pose.z
            self._drag = Drag(self._stroke.paper_goal)
            self._stall = StallWatch(_STALL_WINDOW_S, _STALL_PROGRESS)
            self._stroke = self._note_press(self._stroke, paper, hand)
            self._enter(Phase.DRAG)
        elif self._elapsed_s > self._settings.press_timeout_s:
            self._begin_lift(hand)
        return self._reference.lifted_to(self._reference.z - self._settings.press_speed * dt)

    def _do_drag(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        assert self._drag is not None and self._stroke is not None
        sheet = _unwrap_like(paper, self._drag.goal)
        if self._drag_is_over(sheet, hand.pose.planar):
            self._begin_lift(hand)
            return self._reference
        self._ease_if_stuck(sheet, dt)
        self._reference = self._regulate_depth(hand, dt)
        return self._drag.advance(self._reference, sheet, hand.pose.planar, dt)

    def _lift(self, paper: PlanarPose, hand: MeasuredHand, dt: float) -> DownwardHand:
        del paper, hand  # Unused.
        return self._follow_glide(dt, then=Phase.LOOK)

    # Helpers.

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._elapsed_s = 0.0

    def _ease_if_stuck(self, sheet: PlanarPose, dt: float) -> None:
        """Press less when the sheet sticks: its friction grows with the press."""
        assert self._drag is not None
        distance, turn = paper_error(sheet, self._drag.goal)
        if self._stall.stalled(distance + _LEVER * turn, dt):
            self._effort = max(_EASING * self._effort, _LEAST_EFFORT)

    def _touches(self, hand: MeasuredHand) -> bool:
        """Whether the table holds the hand up; a hand that still sinks only lags behind."""
        depth = hand.pose.z - self._reference.z
        still = self._still_ticks >= _CONTACT_TICKS
        return still and depth >= _CONTACT_SHARE * self._press_depth(hand)

    @property
    def _hover_height(self) -> float:
        return self._contact_height + self._settings.hover_clearance

    def _begin_lift(self, hand: MeasuredHand) -> None:
        # From where the hand is: a reference that leads it would drag the sheet while letting go.
        self._reference = self._reference.at(hand.pose.planar)
        up = self._reference.lifted_to(self._hover_height)
        self._glide = self._plan_glide(up, self._settings.vertical_speed)
        self._enter(Phase.LIFT)

    def _press_depth(self, hand: MeasuredHand) -> float:
        """How far to lead the reference below the tips, in [m]."""
        return self._effort * self._settings.press * hand.softness

    def _regulate_depth(self, hand: MeasuredHand, dt: float) -> DownwardHand:
        """Lead the reference below the tips: a press by stiffness, wherever the table is."""
        settings = self._settings
        excess = (hand.pose.z - self._reference.z) - self._press_depth(hand)
        speed = np.clip(settings.press_rate * excess, -settings.press_speed, settings.press_speed)
        return self._reference.lifted_to(self._reference.z + float(speed) * dt)

    def _plan_glide(self, end: DownwardHand, speed: float) -> Glide:
        return Glide.between(
            self._reference, end, self._reach.pivot, speed, self._settings.turn_speed
        )

    def _follow_glide(self, dt: float, then: Phase) -> DownwardHand:
        assert self._glide is not None
        reference = self._glide.advance(dt)
        if self._glide.finished:
            self._enter(then)
        return reference

    def _note_press(self, stroke: Stroke, paper: PlanarPose, hand: MeasuredHand) -> Stroke:
        """Note where the tips really came down on the sheet."""
        sheet = _unwrap_like(paper, stroke.paper_goal)
        return Stroke(
            hand.pose.planar, relative(sheet, hand.pose.planar), stroke.paper_goal, stroke.share
        )

    def _drag_is_over(self, sheet: PlanarPose, hand: PlanarPose) -> bool:
        """Arrived, out of time, slipped, or led out of reach."""
        assert self._drag is not None and self._stroke is not None
        distance, turn = paper_error(sheet, self._drag.goal)
        if distance < self._settings.done_distance and turn < self._settings.done_yaw:
            return True
        if self._elapsed_s > self._settings.drag_timeout_s:
            return True
        if slip(self._stroke.hand_in_paper, relative(sheet, hand)) > self._settings.max_slip:
            return True
        wanted = self._drag.wanted_hand(sheet, hand)
        return bool(self._reach.margin(np.array([wanted.x, wanted.y, wanted.yaw])) < 0.0)


def _unwrap_like(paper: PlanarPose, goal: PlanarPose) -> PlanarPose:
    """Give the sheet the yaw, equal mod 2 pi, that is nearest to the goal's."""
    return PlanarPose(paper.x, paper.y, goal.yaw + wrap_to_pi(paper.yaw - goal.yaw))
