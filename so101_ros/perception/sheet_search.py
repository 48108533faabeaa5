"""Guess where a sheet lies, without knowing where it was."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.perception.plane_view import to_plane
from so101_ros.perception.sheet_check import Whites
from so101_ros.pose import PlanarPose, rotation, wrap_to_half_pi
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import PAPER_SIZE

_MOST_POINTS = 240
_MOST_LINES = 7
_DRAWS = 150
_ON_LINE = 0.004  # [m]
_LEAST_ON_LINE = 0.020  # [m] of boundary
_BEYOND = 3.0  # [px] of an image 320 wide; there, the table must show
_WHOLE_BOUNDARY = 0.9  # of the boundary, against the table
_OTHER_SIZE = 0.010  # [m]
_SQUARE = np.deg2rad(7.0)
_MOST_GUESSES = 5
_SAME = 0.012  # [m]


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A straight piece of a boundary: where ``normal @ point == offset``; it points outwards."""

    normal: np.ndarray
    offset: float
    length: float


def guess_sheets(
    contour: np.ndarray, whites: Whites, camera: CameraModel, height: float
) -> Iterator[PlanarPose]:
    """Guess sheets that two edges of a white thing could belong to, most likely first.

    Args:
        contour: Pixels around the white thing. Shape (n, 2).
        whites: What is white; edges against anything strange are not the sheet's.
        camera: Where the camera is.
        height: Of the sheet's upper face over the table, in [m].

    Yields:
        At most five poses, good to about a centimetre.
    """
    step = max(1, len(contour) // _MOST_POINTS)
    points, outward = _boundary(contour[::step], whites, camera, height)
    spacing = step * camera.position[2] / camera.intrinsics.fx
    if len(points) < 12:
        return
    lines = _find_lines(points, outward, spacing)
    scored = [
        (_misfit(guess, points), guess)
        for index, first in enumerate(lines)
        for second in lines[index + 1 :]
        for guess in _corner_guesses(first, second)
    ]
    chosen: list[PlanarPose] = []
    for _, guess in sorted(scored, key=lambda each: each[0]):
        if len(chosen) < _MOST_GUESSES and not any(_is_same(guess, each) for each in chosen):
            chosen.append(guess)
            yield guess


def is_something_else(
    contour: np.ndarray, whites: Whites, camera: CameraModel, height: float
) -> bool:
    """Tell whether a white thing is certainly no sheet: wholly in sight, and of another size.

    Args:
        contour: Pixels around the white thing. Shape (n, 2).
        whites: What is white.
        camera: Where the camera is.
        height: Of a sheet's upper face over the table, in [m].
    """
    points, _ = _boundary(contour, whites, camera, height)
    if len(points) < _WHOLE_BOUNDARY * len(contour):
        return False
    _, sides, _ = cv2.minAreaRect((1e3 * points).astype(np.float32))
    off_mm = np.sort(np.asarray(sides)) - 1e3 * PAPER_SIZE
    return float(np.abs(off_mm).max()) > 1e3 * _OTHER_SIZE


def _boundary(
    pixels: np.ndarray, whites: Whites, camera: CameraModel, height: float
) -> tuple[np.ndarray, np.ndarray]:
    """Boundary against the table, on the table in [m], with the directions out of the white."""
    shape = whites.white.shape
    limit = np.array([shape[1], shape[0]]) - 2
    pixels = pixels[((pixels > 1) & (pixels < limit)).all(axis=1)]
    u, v = pixels.T
    smooth = whites.smooth
    slope = np.column_stack(
        [smooth[v, u - 1] - smooth[v, u + 1], smooth[v - 1, u] - smooth[v + 1, u]]
    )
    slope /= np.maximum(1e-6, np.linalg.norm(slope, axis=1, keepdims=True))
    reach = _BEYOND * shape[1] / 320.0
    beyond = np.clip(np.rint(pixels + reach * slope).astype(int), 0, limit + 1)
    real = whites.bare[beyond[:, 1], beyond[:, 0]] > 0
    edge = pixels[real] + 0.5 * slope[real]
    points = to_plane(camera, edge, height)
    outward = to_plane(camera, edge + slope[real], height) - points
    return points, outward / np.linalg.norm(outward, axis=1, keepdims=True)


def _find_lines(points: np.ndarray, outward: np.ndarray, spacing: float) -> list[_Line]:
    """Find straight pieces one after the other, the longest first."""
    rng = np.random.default_rng(0)
    lines: list[_Line] = []
    left = np.ones(len(points), dtype=bool)
    while len(lines) < _MOST_LINES and left.sum() * spacing > _LEAST_ON_LINE:
        on_line = _best_line(points[left], outward[left], rng)
        if on_line.sum() * spacing < _LEAST_ON_LINE:
            break
        chosen = np.flatnonzero(left)[on_line]
        lines.append(_fit_line(points[chosen], outward[chosen], spacing))
        left[chosen] = False
    return lines


def _best_line(points: np.ndarray, outward: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mark the points on the line through two of them that has the most. Shape (n,)."""
    first, second = rng.integers(len(points), size=(2, _DRAWS))
    along = points[second] - points[first]
    length = np.linalg.norm(along, axis=1)
    use = length > 0.008
    if not use.any():
        return np.zeros(len(points), dtype=bool)
    along = along[use] / length[use, None]
    normals = np.column_stack([along[:, 1], -along[:, 0]])
    normals *= np.sign(np.einsum("ni,ni->n", normals, outward[first[use]]))[:, None]
    offsets = np.einsum("ni,ni->n", normals, points[first[use]])
    near = np.abs(normals @ points.T - offsets[:, None]) < _ON_LINE
    near &= normals @ outward.T > 0.8
    return near[near.sum(axis=1).argmax()]


def _fit_line(points: np.ndarray, outward: np.ndarray, spacing: float) -> _Line:
    centre = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - centre, full_matrices=False)
    normal = axes[1] if axes[1] @ outward.mean(axis=0) > 0.0 else -axes[1]
    return _Line(normal, float(normal @ centre), len(points) * spacing)


def _corner_guesses(first: _Line, second: _Line) -> Iterator[PlanarPose]:
    """Put a sheet into the corner of two edges, both ways."""
    if abs(first.normal @ second.normal) > np.sin(_SQUARE):
        return
    corner = np.linalg.solve(np.array([first.normal, second.normal]), [first.offset, second.offset])
    longer, other = (first, second) if first.length > second.length else (second, first)
    side = np.array([-longer.normal[1], longer.normal[0]])
    side *= np.sign(side @ other.normal)
    for half_depth, half_width in (0.5 * PAPER_SIZE, 0.5 * PAPER_SIZE[::-1]):
        centre = corner - half_depth * longer.normal - half_width * side
        # The sheet's own x runs along its short side.
        short = longer.normal if half_depth < half_width else side
        yaw = wrap_to_half_pi(float(np.arctan2(short[1], short[0])))
        yield PlanarPose(float(centre[0]), float(centre[1]), yaw)


def _misfit(sheet: PlanarPose, points: np.ndarray) -> float:
    """Mean distance of the points to the sheet's outline, in [m]; far points count alike."""
    beyond = np.abs((points - sheet.xy) @ rotation(sheet.yaw)) - 0.5 * PAPER_SIZE
    outside = np.linalg.norm(np.maximum(beyond, 0.0), axis=1)
    inside = np.minimum(beyond.max(axis=1), 0.0)
    return float(np.minimum(np.abs(outside + inside), 0.02).mean())


def _is_same(one: PlanarPose, other: PlanarPose) -> bool:
    turned = abs(wrap_to_half_pi(one.yaw - other.yaw)) > np.deg2rad(10.0)
    return not turned and bool(np.linalg.norm(one.xy - other.xy) < _SAME)
