"""The tape frame on the table: points along its eight edges, and how the image shows them."""

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings, Edges, image_normals, read_edges
from so101_ros.perception.plane_view import Projection, project
from so101_ros.perception.rectangle import sample_rectangle
from so101_ros.perception.unmixing import Shares
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import GOAL_CENTRE, GOAL_INNER_SIZE, TAPE_WIDTH

OUTER_SIZE = GOAL_INNER_SIZE + 2.0 * TAPE_WIDTH

_SPACING = 0.005  # [m]
_CORNER_GAP = 0.008  # [m]
_WIDEST_REACH = 3.0  # [px] of an image 320 wide
_REACH_OF_TAPE = 0.45  # of the tape's width in the image: the line must not meet the other edge
_SHEET_ON_TAPE = 0.35  # share of sheet that hides the tape

_OUTER = sample_rectangle(OUTER_SIZE, _SPACING, _CORNER_GAP)
_INNER = sample_rectangle(GOAL_INNER_SIZE, _SPACING, _CORNER_GAP)
_MIDDLE = sample_rectangle(GOAL_INNER_SIZE + TAPE_WIDTH, _SPACING, _CORNER_GAP)


def _on_table(*parts: np.ndarray) -> np.ndarray:
    points = np.concatenate(parts)
    return np.column_stack([points, np.zeros(len(points))])


EDGE_POINTS = _on_table(_OUTER.points + GOAL_CENTRE, _INNER.points + GOAL_CENTRE)
"""Points along the outer and the inner edges, in ``world`` in [m]. Shape (n, 3)."""

EDGE_SIDES = np.concatenate([_OUTER.side, _INNER.side + 4])
"""Which of the eight edges each point is on. Shape (n,)."""

_EDGE_ALONG = _on_table(_OUTER.along, _INNER.along)
_EDGE_OUTWARD = _on_table(_OUTER.outward, -_INNER.outward)
_MIDDLE_POINTS = _on_table(_MIDDLE.points + GOAL_CENTRE)


def outline(size: np.ndarray) -> np.ndarray:
    """Corners of a rectangle around the frame's centre, in ``world`` in [m]. Shape (4, 3)."""
    corners = 0.5 * size * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return _on_table(corners + GOAL_CENTRE)


def project_frame(camera: CameraModel) -> tuple[Projection, Edges]:
    """Tell where the frame's edges should appear.

    Args:
        camera: Where the camera is.

    Returns:
        The points on the edges as seen, and the edges in the image.
    """
    projection = project(camera, EDGE_POINTS)
    normals = image_normals(projection, _EDGE_ALONG, _EDGE_OUTWARD)
    return projection, Edges(projection.pixels, normals)


def read_frame(shares: Shares, camera: CameraModel, edges: Edges) -> EdgeReadings:
    """Look for the frame's edges.

    Args:
        shares: What the image shows.
        camera: Where the camera is thought to be.
        edges: Where the edges should be then.
    """
    return read_edges(shares.tape, cover_of_tape(shares), edges, reach_of(camera))


def reach_of(camera: CameraModel) -> float:
    """How far from a thought edge of the tape to look for it, in [px]."""
    tape_px = camera.intrinsics.fx * TAPE_WIDTH / max(1e-3, camera.position[2])
    return min(_WIDEST_REACH * camera.intrinsics.width / 320.0, _REACH_OF_TAPE * tape_px)


def cover_of_tape(shares: Shares) -> np.ndarray:
    """Mark what can hide tape: everything strange, and the sheet. Shape (H, W), uint8."""
    return np.bitwise_or(shares.strange, (shares.sheet > _SHEET_ON_TAPE).view(np.uint8))


def bare_share(shares: Shares, camera: CameraModel) -> float:
    """How much of the middle of the tape is bare table instead: none, unless the camera moved.

    Args:
        shares: What the image shows.
        camera: Where the camera is thought to be.

    Returns:
        In [0, 1].
    """
    pixels = np.rint(project(camera, _MIDDLE_POINTS).pixels).astype(int)
    height, width = shares.tape.shape
    inside = ((pixels >= 0) & (pixels < [width, height])).all(axis=1)
    if not inside.any():
        return 1.0
    u, v = pixels[inside].T
    bare = (shares.tape[v, u] < 0.3) & (cover_of_tape(shares)[v, u] == 0)
    return float(bare.mean())
