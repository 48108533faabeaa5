"""Sum up what the tracker made of many views."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from so101_ros.benchmark.figure import Figure, percentile_figures
from so101_ros.benchmark.perception import (
    LAYOUTS,
    LOOKS,
    WRONG_M,
    ViewResult,
    measure_views,
    time_tracker,
)

_WELL_VISIBLE = 0.6
_WITHOUT_SHEET = ("no sheet", "two sheets", "only a white rectangle", "no frame")


def measure_perception(
    cameras: int = 20,
    track: Callable[[Sequence[str]], Iterable[str]] = lambda names: names,
) -> list[Figure]:
    """Show rendered views of 320 x 240 pixels to the tracker.

    Args:
        cameras: How many per condition; ten views of each count.
        track: Wraps the conditions, to show progress; those that it leaves out are not drawn.

    Returns:
        Errors by condition, how often there was a pose and a wrong one, and the time per image.

    Raises:
        RenderError: If this machine cannot render.
    """
    results = measure_views(cameras, track=track)
    shown = {each.condition for each in results}
    figures = [
        *(figure for name in LOOKS for figure in _errors_of(name, results)),
        *_errors("sheet, all, first view", [each for each in results if _is_first_of_all(each)]),
        *(_poses_of(name, results) for name in LAYOUTS if name in shown),
    ]
    figures += percentile_figures("tracker, along an episode", 1e3 * time_tracker(), "ms")
    return figures


def _is_first_of_all(result: ViewResult) -> bool:
    """Whether everything was drawn, the camera is new, and the sheet is well in sight."""
    return result.condition == "all" and result.first and result.visible >= _WELL_VISIBLE


def _errors_of(name: str, results: Sequence[ViewResult]) -> list[Figure]:
    """Errors where the sheet is well in sight; poses where it is not."""
    counted = [each for each in results if each.condition == name and not each.first]
    clear = [each for each in counted if each.visible >= _WELL_VISIBLE]
    hidden = [each for each in counted if each.visible < _WELL_VISIBLE]
    figures = _errors(f"sheet, {name}", clear)
    if hidden:
        figures.append(_wrong(f"sheet, {name}, less than 60 % seen, wrong", hidden))
    return figures


def _errors(label: str, results: Sequence[ViewResult]) -> list[Figure]:
    located = [each for each in results if each.position_error is not None]
    if not located:
        return [_wrong(f"{label}, wrong", results)] if results else []
    note = f"pose in {len(located)} of {len(results)} views"
    position_mm = [1e3 * (each.position_error or 0.0) for each in located]
    yaw_deg = np.rad2deg([each.yaw_error or 0.0 for each in located])
    return [
        Figure(f"{label}, position p50", float(np.percentile(position_mm, 50)), "mm", note),
        Figure(f"{label}, position p95", float(np.percentile(position_mm, 95)), "mm", note),
        Figure(f"{label}, yaw p50", float(np.percentile(yaw_deg, 50)), "deg", note),
        Figure(f"{label}, yaw p95", float(np.percentile(yaw_deg, 95)), "deg", note),
        _wrong(f"{label}, wrong", results),
    ]


def _poses_of(name: str, results: Sequence[ViewResult]) -> Figure:
    counted = [each for each in results if each.condition == name and not each.first]
    if name in _WITHOUT_SHEET:
        return _wrong(f"{name}, a pose all the same", counted)
    return _wrong(f"sheet {name}, wrong", counted)


def _wrong(label: str, results: Sequence[ViewResult]) -> Figure:
    wrong = sum(each.wrong for each in results)
    located = sum(each.position_error is not None for each in results)
    note = f"{wrong} of {len(results)} views off by more than {1e3 * WRONG_M:.0f} mm"
    return Figure(
        label, 100.0 * wrong / max(1, len(results)), "%", f"{note}; {located} with a pose"
    )
