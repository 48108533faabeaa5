"""The edges of a sheet on the table, and how the image shows them."""

from dataclasses import dataclass

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings, Edges, image_normals, read_edges
from so101_ros.perception.plane_view import Projection, lift, project
from so101_ros.perception.rectangle import sample_rectangle
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import PlanarPose, rotation
from so101_ros.simulation.pinhole import CameraModel
from so101_ros.task.geometry import PAPER_SIZE

_EDGES = sample_rectangle(PAPER_SIZE, spacing=0.005, corner_gap=0.010)

EDGE_SIDES = _EDGES.side
"""Which side of the sheet each point is on. Shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class SheetEdges:
    """Points along the edges of a sheet, as a camera sees them.

    Attributes:
        edges: In the image.
        by_sheet: Shift in [px], outwards across the edge, for a step of the sheet: x, y in [m], yaw
            in [rad]. Shape (n, 3).
        by_camera: The same for a step of the camera, as ``plane_view.move`` takes it. Shape (n, 6).
    """

    edges: Edges
    by_sheet: np.ndarray
    by_camera: np.ndarray


def project_sheet(camera: CameraModel, sheet: PlanarPose, height: float) -> SheetEdges:
    """Tell where the sheet's edges should appear.

    Args:
        camera: Where the camera is.
        sheet: Where the sheet lies.
        height: Of its upper face over the table, in [m].
    """
    turn = rotation(sheet.yaw)
    arms = _EDGES.points @ turn.T
    projection = project(camera, lift(arms + sheet.xy, height))
    normals = image_normals(
        projection, lift(_EDGES.along @ turn.T, 0.0), lift(_EDGES.outward @ turn.T, 0.0)
    )
    across = np.einsum("ni,nij->nj", normals, projection.by_point)
    by_yaw = across[:, 1] * arms[:, 0] - across[:, 0] * arms[:, 1]
    return SheetEdges(
        Edges(projection.pixels, normals),
        np.column_stack([across[:, :2], by_yaw]),
        _across(normals, projection),
    )


def read_sheet(shares: Shares, edges: Edges, reach: float) -> EdgeReadings:
    """Look for the sheet's edges.

    Args:
        shares: What the image shows.
        edges: Where the edges should be.
        reach: How far from there to look, in [px].
    """
    return read_edges(shares.sheet, shares.strange, edges, reach)


def _across(normals: np.ndarray, projection: Projection) -> np.ndarray:
    return np.einsum("ni,nij->nj", normals, projection.by_camera)
