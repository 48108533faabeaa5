"""Where the hand goes to return the sheet: press, slide and turn, lift, look again, repeat."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import NamedTuple

import numpy as np

from so101_ros.control.drag import Drag
from so101_ros.control.glide import Glide
from so101_ros.control.hand import DownwardHand, MeasuredHand
from so101_ros.control.press import Press, PressSettings
from so101_ros.control.reach import DownwardReach
from so101_ros.control.stroke import Stroke, plan_stroke
from so101_ros.errors import PolicyUnavailable
from so101_ros.pose import PlanarPose
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
class PlannerSettings:
    """Tuning of the planner.

    Attributes:
        press: How hard to press.
        hover_clearance: Height of the tips over the sheet while travelling in [m].
        travel_speed: Peak speed in the air in [m]/[s].
        vertical_speed: Peak speed towards the sheet and away from it in [m]/[s].
        turn_speed: Peak turning speed in the air in [rad]/[s].
        rest_margin: Corner margin in [m] with which the sheet counts as returned.
        max_slip: How far the press may wander over the sheet in [m].
        settle_timeout_s: Longest wait above the press in [s].
        press_timeout_s: Longest search for the table in [s].
        drag_timeout_s: Longest drag in [s].
    """

    press: PressSettings = field(default_factory=PressSettings)
    hover_clearance: float = 0.021
    travel_speed: float = 0.45
    vertical_speed: float = 0.15
    turn_speed: float = 3.5
    rest_margin: float = 0.008
    max_slip: float = 0.025
    settle_timeout_s: float = 0.4
    press_timeout_s: float = 2.0
    drag_timeout_s: float = 6.0


_RETRY_JITTER_S = 0.5  # spreads the choice of later presses: another try should be another try


class _Tick(NamedTuple):
    """What is seen at one tick."""

    paper: PlanarPose
    hand: MeasuredHand
    dt: float


class PressPlanner:
    """Decide at every policy tick where the hand should be.

    Attributes:
        phase: What the hand is doing.
        strokes: Presses so far in this episode.
    """

    def __init__(
        self, reach: DownwardReach, paper_thickness: float, settings: PlannerSettings | None = None
    ) -> None:
        """Take in the geometry.

        Args:
            reach: Where the hand can point straight down.
            paper_thickness: In [m].
            settings: Tuning; None for the defaults.
        """
        self._reach = reach
        self._settings = settings or PlannerSettings()
        self._nominal_contact = paper_thickness + TIP_RADIUS
        self.reset(np.random.default_rng(0), DownwardHand(0.0, 0.0, 0.0, 0.0))

    def reset(self, rng: np.random.Generator, hand: DownwardHand) -> None:
        """Begin afresh with the hand where it is.

        Args:
            rng: Source of the choice among presses in later tries.
            hand: Where the hand is.
        """
        self._rng = rng
        self._contact_height = self._nominal_contact
        self.strokes = 0
        self.abandon(hand)

    def abandon(self, hand: DownwardHand) -> None:
        """Give up what is going on and look again from where the hand is."""
        self._reference = hand
        self._enter(Phase.LOOK, self._look)

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
        self._step(_Tick(paper, hand, dt))
        return self._reference

    # One method per phase: each moves the reference, and enters the next phase with what it needs.

    def _look(self, tick: _Tick) -> None:
        if measure(tick.paper).margin >= self._settings.rest_margin:
            return
        stroke = self._plan_stroke(tick.paper)
        above = self._reference.at(stroke.start).lifted_to(self._hover_height)
        glide = self._plan_glide(above, self._settings.travel_speed)
        self._enter(Phase.TRAVEL, partial(self._travel, stroke, glide))

    def _travel(self, stroke: Stroke, glide: Glide, tick: _Tick) -> None:
        if self._follow(glide, tick):
            self._enter(Phase.SETTLE, partial(self._settle, stroke))

    def _settle(self, stroke: Stroke, tick: _Tick) -> None:
        if tick.hand.settled or self._elapsed_s > self._settings.settle_timeout_s:
            down = self._reference.lifted_to(self._contact_height)
            glide = self._plan_glide(down, self._settings.vertical_speed)
            self._enter(Phase.DESCEND, partial(self._descend, stroke, glide))

    def _descend(self, stroke: Stroke, glide: Glide, tick: _Tick) -> None:
        if self._follow(glide, tick):
            press = Press(self._settings.press)
            self._enter(Phase.PRESS, partial(self._press, stroke, press))

    def _press(self, stroke: Stroke, press: Press, tick: _Tick) -> None:
        if press.touches(self._reference, tick.hand, tick.dt):
            self.strokes += 1
            # Wrong joint zeros shift the table; the next press expects it where it was found.
            self._contact_height = tick.hand.pose.z
            drag = Drag(stroke.paper_goal, tick.paper, tick.hand.pose.planar)
            self._enter(Phase.DRAG, partial(self._drag, press, drag))
        elif self._elapsed_s > self._settings.press_timeout_s:
            self._begin_lift(tick)
        else:
            self._reference = press.search(self._reference, tick.dt)

    def _drag(self, press: Press, drag: Drag, tick: _Tick) -> None:
        sheet, hand = drag.unwrap(tick.paper), tick.hand.pose.planar
        if drag.has_arrived(sheet) or self._must_give_up(drag, sheet, hand):
            self._begin_lift(tick)
            return
        if drag.is_stuck(sheet, tick.dt):
            press.ease()
        pressing = press.regulate(self._reference, tick.hand, tick.dt)
        self._reference = drag.advance(pressing, sheet, hand, tick.dt)

    def _lift(self, glide: Glide, tick: _Tick) -> None:
        if self._follow(glide, tick):
            self._enter(Phase.LOOK, self._look)

    # Helpers.

    def _enter(self, phase: Phase, step: Callable[[_Tick], None]) -> None:
        self.phase = phase
        self._step = step
        self._elapsed_s = 0.0

    @property
    def _hover_height(self) -> float:
        return self._contact_height + self._settings.hover_clearance

    def _plan_stroke(self, paper: PlanarPose) -> Stroke:
        jitter_s = _RETRY_JITTER_S if self.strokes else 0.0
        stroke = plan_stroke(paper, self._reach, self._rng, jitter_s)
        if stroke is None:
            raise PolicyUnavailable(
                f"no press within reach can move the sheet from x={paper.x:.3f} m, "
                f"y={paper.y:.3f} m, yaw={np.degrees(paper.yaw):.0f} deg; lay it closer to the arm"
            )
        return stroke

    def _plan_glide(self, end: DownwardHand, speed: float) -> Glide:
        return Glide.between(
            self._reference, end, self._reach.pivot, speed, self._settings.turn_speed
        )

    def _follow(self, glide: Glide, tick: _Tick) -> bool:
        """Move the reference along a glide; whether its end has been reached."""
        self._reference = glide.advance(tick.dt)
        return glide.finished

    def _begin_lift(self, tick: _Tick) -> None:
        # From where the hand is: a reference that leads it would drag the sheet while letting go.
        self._reference = self._reference.at(tick.hand.pose.planar)
        up = self._reference.lifted_to(self._hover_height)
        glide = self._plan_glide(up, self._settings.vertical_speed)
        self._enter(Phase.LIFT, partial(self._lift, glide))

    def _must_give_up(self, drag: Drag, sheet: PlanarPose, hand: PlanarPose) -> bool:
        """Whether the drag takes too long, slips, or leads out of reach."""
        wanted = drag.wanted_hand(sheet, hand)
        out_of_reach = self._reach.margin(np.array([wanted.x, wanted.y, wanted.yaw])) < 0.0
        slipped = drag.slip(sheet, hand) > self._settings.max_slip
        late = self._elapsed_s > self._settings.drag_timeout_s
        return bool(late or slipped or out_of_reach)
