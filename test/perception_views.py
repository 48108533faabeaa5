"""Rendered views that the tests of perception share."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from so101_ros.benchmark.rendered_views import LabelledView, Layout, ViewRenderer
from so101_ros.errors import RenderError
from so101_ros.perception.paper_tracker import PaperTracker
from so101_ros.perception.settings import TrackerSettings
from so101_ros.pose import PlanarPose, wrap_to_half_pi
from so101_ros.simulation.config import SceneConfig

TICK_NS = 1_000_000_000 // 30
ASIDE = PlanarPose(0.28, -0.06, 0.25)
"""A sheet beside the frame, wholly in sight."""


def open_views(width: int = 320, height: int = 240) -> Iterator[ViewRenderer]:
    """Open a renderer, or skip where there is no OpenGL."""
    try:
        renderer = ViewRenderer(width, height)
    except RenderError as err:
        pytest.skip(str(err))
    with renderer:
        yield renderer


def view_of(
    renderer: ViewRenderer, *sheets: PlanarPose, scene: SceneConfig | None = None, tape: bool = True
) -> LabelledView:
    """Draw sheets without an arm."""
    return renderer.render(scene or SceneConfig(), Layout(sheets, tape=tape))


def tracker_for(view: LabelledView, **settings: Any) -> PaperTracker:
    """A tracker that does not mind views of a scene at rest."""
    chosen: dict[str, Any] = {"frozen_s": 0.0, **settings}
    return PaperTracker(view.camera.intrinsics, TrackerSettings(**chosen))


def errors(estimate: PlanarPose, truth: PlanarPose) -> tuple[float, float]:
    """Distance in [m] and angle mod pi in [rad]."""
    off = float(np.linalg.norm(estimate.xy - truth.xy))
    return off, abs(wrap_to_half_pi(estimate.yaw - truth.yaw))
