"""Where an edge is, to a fraction of a pixel, on lines that cross it."""

from dataclasses import dataclass

import cv2
import numpy as np

from so101_ros.perception.plane_view import Projection

_SAMPLES = 13  # per line
_INSIDE, _OUTSIDE = 0.7, 0.3  # share at the ends of the line
_MOST_BLOCKED = 0.12  # of the line
_PLAUSIBLE = (-0.3, 1.3)  # noise beyond that is no share


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Points on edges as an image should show them.

    Attributes:
        pixels: Where they appear, u and v. Shape (n, 2).
        normals: Unit vectors in the image, out of the surface. Shape (n, 2).
    """

    pixels: np.ndarray
    normals: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class EdgeReadings:
    """Edges as an image shows them.

    Attributes:
        offsets: How far outwards the edge really is, in [px]; of no meaning where it is not found.
            Shape (n,).
        found: Where surface and background meet within reach. Shape (n,).
        denied: Where the image shows that there is no edge: nothing hides the place, but it is all
            surface or all background. Shape (n,).
    """

    offsets: np.ndarray
    found: np.ndarray
    denied: np.ndarray


def image_normals(projection: Projection, along: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """Carry the directions of edges into the image.

    Args:
        projection: Of points on the edges.
        along: Directions along the edges, in ``world``. Shape (n, 3).
        outward: Directions out of the surface, in ``world``. Shape (n, 3).

    Returns:
        Unit vectors across the edges, out of the surface. Shape (n, 2).
    """
    tangent = np.einsum("nij,nj->ni", projection.by_point, along)
    normal = np.column_stack([tangent[:, 1], -tangent[:, 0]])
    out = np.einsum("nij,nj->ni", projection.by_point, outward)
    normal *= np.sign(np.einsum("ni,ni->n", normal, out))[:, None]
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def read_edges(share: np.ndarray, blocked: np.ndarray, edges: Edges, reach: float) -> EdgeReadings:
    """Look for each edge along its normal.

    Args:
        share: Share of the surface in each pixel, 0 to 1. Shape (H, W), float32.
        blocked: 1 where something else hides surface and background. Shape (H, W), uint8.
        edges: Where the edges should be.
        reach: How far to look to both sides, in [px].

    Returns:
        What was found.
    """
    lines = edges.pixels[:, None, :] + (reach * _STEPS)[:, None] * edges.normals[:, None, :]
    u, v = lines[..., 0].astype(np.float32), lines[..., 1].astype(np.float32)
    profile = cv2.remap(share, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(blocked, u, v, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    clear = cover.astype(np.float32) @ _MEAN < _MOST_BLOCKED
    clear &= _in_image(lines, share.shape)
    inner, outer, area = (np.clip(profile, *_PLAUSIBLE) @ _SUMS).T
    found = clear & (inner > _INSIDE) & (outer < _OUTSIDE)
    same = ((inner > _INSIDE) & (outer > _INSIDE)) | ((inner < _OUTSIDE) & (outer < _OUTSIDE))
    # The area under the profile is the length of surface on the line, however blurred the edge is.
    return EdgeReadings(reach * (area.astype(float) - 1.0), found, clear & same)


def _sums() -> np.ndarray:
    """Weights of the samples on a line: both ends, and the area by the trapezoidal rule."""
    sums = np.zeros((_SAMPLES, 3), dtype=np.float32)
    sums[:3, 0] = sums[-3:, 1] = 1.0 / 3.0
    sums[:, 2] = 2.0 / (_SAMPLES - 1)
    sums[[0, -1], 2] *= 0.5
    return sums


_STEPS = np.linspace(-1.0, 1.0, _SAMPLES)
_MEAN = np.full(_SAMPLES, 1.0 / _SAMPLES, dtype=np.float32)
_SUMS = _sums()


def _in_image(lines: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Tell which lines are wholly in the image. Shape (n,)."""
    inside = np.ones(len(lines), dtype=bool)
    for end in (lines[:, 0], lines[:, -1]):
        u, v = end.T
        inside &= (u > 1.0) & (v > 1.0) & (u < shape[1] - 2.0) & (v < shape[0] - 2.0)
    return inside
