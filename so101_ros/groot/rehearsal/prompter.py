"""Know where in the script the arm is, and whether the script is still worth following."""

from collections import deque

import numpy as np

from so101_ros.arm import HOME_Q
from so101_ros.errors import GrootError, PolicyUnavailable, SimulationError
from so101_ros.groot.rehearsal.script import Script
from so101_ros.groot.rehearsal.stage import Stage
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.task.measures import measure

AT_HOME = 0.03  # [rad]
LEFT_HOME = 0.10  # [rad]
SAME_PLACE = 0.006  # [m], a sheet closer than this has not been laid anew
SAME_TURN = 0.05  # [rad]
ASTRAY = 0.35  # [rad], further than a late answer makes any joint jump
SHEET_ASTRAY = 0.020  # [m], about what the tape's width forgives
SHEET_TURNED = 0.15  # [rad], likewise at half the sheet's length
LEAST_MARGIN = 0.004  # [m], twice what an image errs by; a sheet with less is returned once more
PAST = 3  # observations; an answer is carried out by the one after the next
PATIENCE = 2  # observations in a row that must contradict the script

BACK = 2.0  # [ticks], how far a place may be before the last one
IMAGE_AGE = 6.0  # [ticks], by how much an image may be older than the joint positions
FIRST_PACE = 8.0  # [ticks] between two observations, until it has shown
PACES = (3.0, 15.0)  # [ticks]
_PACE_SHARE = 0.3  # of a new pace in what is remembered
_Q_UNIT = 0.03  # [rad], what counts as much as ...
_PACE_UNIT = 8.0  # [ticks], ... this: it decides only where the arm is at rest
_MOVING = 0.05  # [rad]; with less, the arm does not tell how far it has come


class Prompter:
    """Follow arm and sheet through a rehearsed script, and rehearse when that is needed.

    Attributes:
        script: What was rehearsed last, or to stand still; None before the first time.
        place: Where in it the arm is, in ticks.
    """

    def __init__(self, stage: Stage, reach_s: float) -> None:
        """Begin without a script.

        Args:
            stage: Where to rehearse.
            reach_s: How far an answer reaches beyond its observation, in [s]: until the next one,
                whatever is late or lost, the arm cannot be further than that.
        """
        self.script: Script | None = None
        self.place = 0.0
        self._stage = stage
        self._reach_s = reach_s
        self._pace = FIRST_PACE
        self._contradictions = 0
        self._past_q: deque[np.ndarray] = deque(maxlen=PAST)

    def follow(self, q: np.ndarray, sheet: PlanarPose | None) -> Script:
        """Take in an observation: afterwards, script and place fit it.

        Args:
            q: Measured joint positions in [rad]. Shape (6,).
            sheet: Where the sheet is; None if that is not seen.

        Returns:
            What to do: the script.

        Raises:
            GrootError: If there is nothing to begin with, or nothing that can be done.
        """
        if self._is_new_episode(q, sheet):
            self.script = None
        if self.script is None:
            if sheet is None:
                raise GrootError("the sheet is not seen")
            return self._begin(q, sheet)
        off = self._find(self.script, q)
        contradicted = self._contradicts(self.script, sheet, off)
        known = sheet or self.script.sheet_at(self.place)
        is_led = self._is_led(self.script, q, contradicted and off > ASTRAY)
        self._past_q.append(q)
        if is_led:
            return self._stand(q, known)
        return self._begin(q, known) if contradicted else self.script

    def _begin(self, q: np.ndarray, sheet: PlanarPose) -> Script:
        self.script = None
        try:
            self.script = self._stage.rehearse(q, sheet)
        except (PolicyUnavailable, SimulationError) as err:
            raise GrootError(str(err)) from err
        self.place, self._contradictions = 0.0, 0
        return self.script

    def _is_led(self, script: Script, q: np.ndarray, astray: bool) -> bool:
        """Whether the arm moves, but not by what was answered.

        One that comes back to where it was asked to stand does as it is told, if late.
        """
        moves = all(_apart(q, past) > _MOVING for past in self._past_q)
        return moves and (astray or script.is_still)

    def _stand(self, q: np.ndarray, sheet: PlanarPose) -> Script:
        """Ask for nothing but the present pose: who leads the arm must not be fought."""
        self.place, self._contradictions = 0.0, 0
        self.script = Script.standing(q, sheet, self._stage.config.rates.policy_hz)
        return self.script

    def _is_new_episode(self, q: np.ndarray, sheet: PlanarPose | None) -> bool:
        """Whether the arm is at home again, or still, with a sheet that lies elsewhere."""
        if self.script is None or _apart(q, HOME_Q) > AT_HOME:
            return False
        places = self.script.places(0.0, self.place)
        if np.abs(self.script.q_at(places) - HOME_Q).max() > LEFT_HOME:
            return True
        return sheet is not None and _differs(
            sheet, self.script.sheet_at(0.0), SAME_PLACE, SAME_TURN
        )

    def _find(self, script: Script, q: np.ndarray) -> float:
        """Find the place.

        Where the arm moves, its joints tell; where it rests, time goes on at the usual pace.

        Returns:
            How far the joints are from the script there, in [rad].
        """
        ahead = self._reach_s * script.rate_hz
        places = script.places(self.place - BACK, self.place + ahead)
        q_there = script.q_at(places)
        off = np.linalg.norm(q_there - q, axis=1) / _Q_UNIT
        late = (places - (self.place + self._pace)) / _PACE_UNIT
        best = int(np.argmin(off * off + late * late))
        passed = float(places[best]) - self.place
        here = script.q_at(np.array([self.place]))[0]
        if _apart(q_there[best], here) > _MOVING:
            self._pace += _PACE_SHARE * (float(np.clip(passed, *PACES)) - self._pace)
        self.place = float(places[best])
        return _apart(q_there[best], q)

    def _contradicts(self, script: Script, sheet: PlanarPose | None, off: float) -> bool:
        """Whether arm or sheet have shown for long enough that the script is not what happens."""
        wrong = off > ASTRAY or script.is_still
        if sheet is not None:
            wrong |= self._is_astray(script, sheet)
            ended = self.place >= script.end - 1.0
            wrong |= ended and measure(sheet).margin < LEAST_MARGIN
        elif not wrong:
            return False  # hidden by the arm: it tells nothing
        self._contradictions = self._contradictions + 1 if wrong else 0
        return self._contradictions >= PATIENCE

    def _is_astray(self, script: Script, sheet: PlanarPose) -> bool:
        """Whether the sheet is at none of the places where it should have been just now."""
        places = script.places(self.place - IMAGE_AGE, self.place + 1.0)
        expected = map(script.sheet_at, places.tolist())
        return all(_differs(sheet, each, SHEET_ASTRAY, SHEET_TURNED) for each in expected)


def _apart(q: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(q - other).max())


def _differs(sheet: PlanarPose, other: PlanarPose, distance: float, turn: float) -> bool:
    """Whether two poses of a sheet, which looks the same after half a turn, are not the same."""
    apart = float(np.hypot(sheet.x - other.x, sheet.y - other.y))
    return apart > distance or abs(wrap_to_half_pi(sheet.yaw - other.yaw)) > turn
