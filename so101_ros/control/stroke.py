"""Choose where to press the sheet, and how far one stroke can carry it."""

from dataclasses import dataclass

import numpy as np

from so101_ros.control.reach import DownwardReach
from so101_ros.pose import PlanarPose, rotation, wrap_to_half_pi
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_YAW, PAPER_SIZE

TIP_SPAN = 0.0415  # [m] between the level fingertips
EDGE_MARGIN = 0.020  # [m] from a tip's centre to the edge of the sheet
MIN_MARGIN = 0.2  # reach margin that a planned stroke keeps
MIN_PROGRESS = 0.15  # share of the way that makes a partial stroke worth while

_GRID_STEP = 0.020  # [m] between candidate presses on the sheet
_NUM_YAWS = 12  # candidate directions of the line of the tips
_NUM_SAMPLES = 12  # poses checked along a stroke
_LEVER_SPEED = 0.15  # [m]/[s], drag speed for comparing candidates
_TURN_SPEED = 1.2  # [rad]/[s], likewise
_MARGIN_WORTH = 0.25  # [s] of stroke time per unit of reach margin, up to 2 units


@dataclass(frozen=True, slots=True)
class Stroke:
    """One press and drag.

    Attributes:
        start: Hand pose in the world at which to press; yaw not wrapped.
        paper_goal: Where the stroke is to leave the sheet; yaw not wrapped.
        share: Share of the way to the task's goal, in (0, 1].
    """

    start: PlanarPose
    paper_goal: PlanarPose
    share: float


def compose(outer: PlanarPose, inner: PlanarPose) -> PlanarPose:
    """Carry a pose given in the frame ``outer`` into the world; yaws add without wrapping."""
    x, y = outer.to_world(inner.xy)
    return PlanarPose(float(x), float(y), outer.yaw + inner.yaw)


def relative(outer: PlanarPose, pose: PlanarPose) -> PlanarPose:
    """See a world pose from the frame ``outer``; yaws subtract without wrapping."""
    x, y = outer.to_local(pose.xy)
    return PlanarPose(float(x), float(y), pose.yaw - outer.yaw)


def paper_goals(paper: PlanarPose) -> list[PlanarPose]:
    """List the poses in which the sheet fits: the nearest turn, then the other way round.

    Args:
        paper: Where the sheet is.

    Returns:
        Goal poses whose yaw is within one turn of ``pi`` of the sheet's.
    """
    turn = -wrap_to_half_pi(paper.yaw - GOAL_YAW)
    other = turn - np.copysign(np.pi, turn)
    x, y = GOAL_CENTRE.tolist()
    return [PlanarPose(x, y, paper.yaw + angle) for angle in (turn, other)]


def plan_stroke(
    paper: PlanarPose, reach: DownwardReach, rng: np.random.Generator, jitter_s: float = 0.0
) -> Stroke | None:
    """Choose the press that brings the sheet furthest, and among those the quickest.

    Args:
        paper: Where the sheet is.
        reach: Where the hand can point straight down.
        rng: Source of randomness.
        jitter_s: Random time added to every candidate, in [s]: another try should be another try.

    Returns:
        The stroke, or None if the sheet cannot be moved from where it is.
    """
    candidates = [
        stroke
        for goal in paper_goals(paper)
        if (stroke := _plan_towards(paper, goal, reach, rng, jitter_s)) is not None
    ]
    if not candidates:
        return None
    best, _ = max(candidates, key=lambda pair: (round(pair[0].share, 2), -pair[1]))
    return best


def _plan_towards(
    paper: PlanarPose,
    goal: PlanarPose,
    reach: DownwardReach,
    rng: np.random.Generator,
    jitter_s: float,
) -> tuple[Stroke, float] | None:
    """Best stroke towards one goal, with its cost in [s]."""
    presses = _PRESSES
    starts = reach.unwind(_carry(paper, presses))
    ends = _carry(goal, presses)
    ends[:, 2] = starts[:, 2] + goal.yaw - paper.yaw
    margins = _margins_along(starts, ends, reach)  # (n, samples)
    shares = _feasible_shares(margins)
    if shares.max() < MIN_PROGRESS:
        return None
    costs = _costs(starts, ends, margins) + jitter_s * rng.random(len(presses))
    costs[shares < shares.max() - 1e-9] = np.inf
    chosen = int(np.argmin(costs))
    return _make_stroke(paper, goal, starts[chosen], ends[chosen], shares[chosen]), costs[chosen]


def _make_stroke(
    paper: PlanarPose, goal: PlanarPose, start: np.ndarray, end: np.ndarray, share: float
) -> Stroke:
    hand = PlanarPose(*start)
    if share == 1.0:
        return Stroke(hand, goal, 1.0)
    hand_in_paper = relative(paper, hand)
    stop = PlanarPose(*(start + share * (end - start)))
    # The sheet is rigid in the hand: where the hand stops says where the sheet stops.
    yaw = stop.yaw - hand_in_paper.yaw
    x, y = stop.xy - rotation(yaw) @ hand_in_paper.xy
    return Stroke(hand, PlanarPose(float(x), float(y), yaw), float(share))


def _margins_along(starts: np.ndarray, ends: np.ndarray, reach: DownwardReach) -> np.ndarray:
    """Reach margin along straight hand paths. Shape (n, samples)."""
    shares = np.linspace(0.0, 1.0, _NUM_SAMPLES)[None, :, None]
    return reach.margin(starts[:, None, :] + shares * (ends - starts)[:, None, :])


def _feasible_shares(margins: np.ndarray) -> np.ndarray:
    """Share of each path before it first leaves the reach; 0 if it starts outside. Shape (n,)."""
    feasible = margins > MIN_MARGIN
    count = np.where(feasible.all(axis=1), margins.shape[1], np.argmin(feasible, axis=1))
    return np.maximum(count - 1, 0) / (margins.shape[1] - 1)


def _costs(starts: np.ndarray, ends: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Time of each stroke less the worth of its margin, in [s]. Shape (n,)."""
    travel = np.linalg.norm(ends[:, :2] - starts[:, :2], axis=1)
    turn = np.abs(ends[:, 2] - starts[:, 2])
    time_s = np.maximum(travel / _LEVER_SPEED, turn / _TURN_SPEED)
    return time_s - _MARGIN_WORTH * np.clip(margins.min(axis=1), 0.0, 2.0)


def _carry(paper: PlanarPose, presses: np.ndarray) -> np.ndarray:
    """Presses on the sheet as hand poses in the world. Shape (n, 3)."""
    return np.column_stack([paper.to_world(presses[:, :2]), presses[:, 2] + paper.yaw])


def _list_presses() -> np.ndarray:
    """Hand poses on the sheet with both tips well inside: x, y, yaw. Shape (n, 3)."""
    half_x, half_y = 0.5 * PAPER_SIZE - EDGE_MARGIN
    yaws = np.arange(_NUM_YAWS) * 2.0 * np.pi / _NUM_YAWS
    x = np.arange(-half_x, half_x + 1e-9, _GRID_STEP)
    y = np.arange(-half_y, half_y + 1e-9, _GRID_STEP)
    presses = np.stack(np.meshgrid(x, y, yaws, indexing="ij"), axis=-1).reshape(-1, 3)
    half_span = (
        0.5 * TIP_SPAN * np.abs(np.column_stack([np.cos(presses[:, 2]), np.sin(presses[:, 2])]))
    )
    inside = (np.abs(presses[:, :2]) + half_span <= [half_x + 1e-9, half_y + 1e-9]).all(axis=1)
    return presses[inside]


_PRESSES = _list_presses()
