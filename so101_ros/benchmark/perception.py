"""How well the sheet is found in rendered views of the top camera, by condition."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from so101_ros.benchmark.rendered_views import LabelledView, Layout, ViewRenderer
from so101_ros.benchmark.view_sampler import (
    ArmPoses,
    sample_camera,
    sample_colours,
    sample_light,
    sample_optics,
    sample_rectangle,
    sample_sheet,
    sample_sheet_at_border,
)
from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tracking import Tracking
from so101_ros.pose import wrap_to_half_pi
from so101_ros.randomization.load import load_tier
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.config import SceneConfig
from so101_ros.simulation.look_config import LookConfig

SETTLING_VIEWS = 10
COUNTED_VIEWS = 10
WRONG_M = 0.015
"""A pose that is further off is a wrong one."""

_PERIOD_NS = NANOSECONDS // 30
_SETTINGS = TrackerSettings(hold_s=0.0)  # a view has nothing to do with the one before


@dataclass(frozen=True, slots=True)
class ViewResult:
    """What the tracker made of one view.

    Attributes:
        condition: What was drawn at random.
        first: Whether it was the first view of a camera.
        visible: True share of the sheet that is seen, in [0, 1].
        position_error: In [m]; None without a pose; infinite for a pose without a sheet.
        yaw_error: In [rad], mod pi; None without a pose.
        sigmas: Position error by its expected standard deviation; None without a pose.
        elapsed_s: Time of one core that the tracker took, in [s].
        said: Condition that the tracker reported.
    """

    condition: str
    first: bool
    visible: float
    position_error: float | None
    yaw_error: float | None
    sigmas: float | None
    elapsed_s: float
    said: str

    @property
    def wrong(self) -> bool:
        """Whether there is a pose and it is far off."""
        return self.position_error is not None and self.position_error > WRONG_M


LayoutSampler = Callable[[ArmPoses, np.random.Generator], Layout]
SceneSampler = Callable[[np.random.Generator], SceneConfig]


def sample_everything(rng: np.random.Generator) -> SceneConfig:
    """Draw light, colours, camera pose, optics and shadow."""
    look = {**sample_light(rng), **sample_colours(rng)}
    camera = sample_camera(rng)
    look |= sample_optics(rng, shadow=True)
    return SceneConfig(look=LookConfig(**look), calibration=camera)


def _sample_lit(rng: np.random.Generator) -> SceneConfig:
    return _with_look(**sample_light(rng), shadow=rng.uniform(0.55, 1.0))


def _sample_visual(rng: np.random.Generator) -> SceneConfig:
    return load_tier("visual").sample(int(rng.integers(2**31)))


def _with_look(**look: Any) -> SceneConfig:
    return SceneConfig(look=LookConfig(**look))


LOOKS: dict[str, SceneSampler] = {
    "clean": lambda rng: SceneConfig(),
    "light": _sample_lit,
    "colours": lambda rng: _with_look(**sample_colours(rng)),
    "camera pose": lambda rng: SceneConfig(calibration=sample_camera(rng)),
    "noise": lambda rng: _with_look(**sample_optics(rng)),
    "all": sample_everything,
    "visual scene": _sample_visual,
}
"""What is drawn at random, by name."""


def _border(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    return Layout([sample_sheet_at_border(rng)], arms.sample_pressing(rng).q)


def _nothing(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    return replace(arms.sample(rng), sheets=[])


def _two_sheets(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    return replace(arms.sample(rng), sheets=[sample_sheet(rng), sample_sheet(rng)])


def _rectangle_alone(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    return replace(arms.sample(rng), sheets=[], rectangles=[sample_rectangle(rng)])


def _sheet_and_rectangle(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    layout = arms.sample(rng)
    return replace(layout, rectangles=[sample_rectangle(rng, layout.sheets)])


def _no_frame(arms: ArmPoses, rng: np.random.Generator) -> Layout:
    return replace(arms.sample(rng), tape=False)


LAYOUTS: dict[str, LayoutSampler] = {
    "cut by the border": _border,
    "and a white rectangle": _sheet_and_rectangle,
    "no sheet": _nothing,
    "two sheets": _two_sheets,
    "only a white rectangle": _rectangle_alone,
    "no frame": _no_frame,
}
"""Layouts other than one sheet under an arm, by name; all of them with everything drawn."""


def measure_views(
    cameras: int,
    seed: int = 0,
    size: tuple[int, int] = (320, 240),
    track: Callable[[Sequence[str]], Iterable[str]] = lambda names: names,
    names: Sequence[str] = (*LOOKS, *LAYOUTS),
) -> list[ViewResult]:
    """Show views to the tracker.

    Each camera is shown ten times before its views count, as in use; its first view is kept apart.

    Args:
        cameras: How many per condition; ten views of each count.
        seed: Of everything random.
        size: Width and height of the images in [px].
        track: Wraps the names, to show progress.
        names: Which conditions.

    Returns:
        One result per view.

    Raises:
        RenderError: If this machine cannot render.
    """
    results: list[ViewResult] = []
    with ViewRenderer(*size) as renderer:
        arms = ArmPoses(renderer)
        for name in track(names):
            for index in range(cameras):
                rng = np.random.default_rng([seed, list((*LOOKS, *LAYOUTS)).index(name), index])
                results += _show_camera(name, renderer, arms, rng)
    return results


def time_tracker(seed: int = 0) -> np.ndarray:
    """Time the tracker along an episode of the IK policy, everything drawn at random.

    Args:
        seed: Of the episode and of everything random.

    Returns:
        Time of one core per image, in [s], from the first image on. Shape (n,).

    Raises:
        RenderError: If this machine cannot render.
    """
    rng = np.random.default_rng(seed)
    with ViewRenderer() as renderer:
        arms = ArmPoses(renderer, [seed])
        scene = sample_everything(rng)
        views = [
            renderer.render(scene, Layout([sheet], q), seed, view)
            for view, (q, sheet) in enumerate(arms.recorded)
        ]
    tracker = PaperTracker(views[0].camera.intrinsics)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the time of other threads would not count
    try:
        return np.array([_track(tracker, view, i)[1] for i, view in enumerate(views)])
    finally:
        cv2.setNumThreads(threads)


def _track(tracker: PaperTracker, view: LabelledView, index: int) -> tuple[Tracking, float]:
    """Show one view, and take the time in [s]."""
    began_s = time.thread_time()
    tracking = tracker.update(view.image, index * _PERIOD_NS)
    return tracking, time.thread_time() - began_s


def _show_camera(
    name: str, renderer: ViewRenderer, arms: ArmPoses, rng: np.random.Generator
) -> Iterator[ViewResult]:
    scene = LOOKS.get(name, sample_everything)(rng)
    seed = int(rng.integers(2**31))
    sample = LAYOUTS.get(name, ArmPoses.sample)
    tracker: PaperTracker | None = None
    for index in range(SETTLING_VIEWS + COUNTED_VIEWS):
        counts = index >= SETTLING_VIEWS
        # Without a frame there is nothing to settle; what else is special only shows in the end.
        layout = sample(arms, rng) if counts or name == "no frame" else arms.sample(rng)
        view = renderer.render(scene, layout, seed, index)
        tracker = tracker or PaperTracker(view.camera.intrinsics, _SETTINGS)
        result = _judge(name, tracker, view, layout, index)
        if counts or index == 0:
            yield result


def _judge(
    name: str, tracker: PaperTracker, view: LabelledView, layout: Layout, index: int
) -> ViewResult:
    tracking, elapsed_s = _track(tracker, view, index)
    position = yaw = sigmas = None
    if tracking.paper is not None:
        position, yaw, sigmas = np.inf, np.inf, np.inf
        if view.sheet is not None:
            pose = tracking.paper.pose
            off = pose.xy - view.sheet.xy
            position = float(np.linalg.norm(off))
            yaw = abs(wrap_to_half_pi(pose.yaw - view.sheet.yaw))
            covariance = tracking.paper.covariance[:2, :2]
            sigmas = float(np.sqrt(0.5 * off @ np.linalg.solve(covariance, off)))
    return ViewResult(
        name,
        index == 0,
        view.visible,
        position,
        yaw,
        sigmas,
        elapsed_s,
        tracking.condition.value,
    )
