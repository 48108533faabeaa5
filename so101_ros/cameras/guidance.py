"""Tell somebody who holds a board what to show next."""

from collections.abc import Sequence

from so101_ros.cameras.coverage import Coverage
from so101_ros.cameras.viewpoint import Viewpoint

ENOUGH_VIEWS = 20
"""Views of a live session that ends by itself."""

_TILT = 0.34  # sine of 20 degrees; the focal length is told by tilts
_TILTED_VIEWS = 2  # of each side
_NEAR = 0.4  # extent of the view from near: the corners span a sixth of the image


def next_hint(viewpoints: Sequence[Viewpoint], coverage: Coverage) -> str | None:
    """Name the one thing that is missing most.

    Args:
        viewpoints: What was shown.
        coverage: Where it was shown.

    Returns:
        An instruction; None if enough was shown.
    """
    if not viewpoints:
        return "show the board to the camera"
    if places := coverage.neglected():
        return f"move the board to the {places[0]} of the image"
    if direction := _missing_tilt(viewpoints):
        return f"tilt the board to face {direction}"
    if max(viewpoint.extent for viewpoint in viewpoints) < _NEAR:
        return "bring the board nearer"
    if len(viewpoints) < ENOUGH_VIEWS:
        return "show the board in any new way"
    return None


def _missing_tilt(viewpoints: Sequence[Viewpoint]) -> str | None:
    leans = {
        "the left of the image": [-viewpoint.tilt_x for viewpoint in viewpoints],
        "the right of the image": [viewpoint.tilt_x for viewpoint in viewpoints],
        "up": [-viewpoint.tilt_y for viewpoint in viewpoints],
        "down": [viewpoint.tilt_y for viewpoint in viewpoints],
    }
    for name, values in leans.items():
        if sum(value >= _TILT for value in values) < _TILTED_VIEWS:
            return name
    return None
