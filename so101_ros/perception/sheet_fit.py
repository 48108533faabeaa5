"""Locate a sheet of known size by those of its edges that are seen.

As the sheet's size is known, its edges also tell something about the camera: more than the frame
does, where the frame's edges run along the rows and columns of the image.
"""

from dataclasses import dataclass

import numpy as np

from so101_ros.perception.edge_readings import EdgeReadings
from so101_ros.perception.edge_weights import weigh_points
from so101_ros.perception.frame_fit import FrameFit, scale_of
from so101_ros.perception.plane_view import move
from so101_ros.perception.sheet_edges import EDGE_SIDES, project_sheet, read_sheet
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import PlanarPose
from so101_ros.simulation.pinhole import CameraModel

_REACHES = (5.0, 3.0, 3.0, 3.0, 3.0)  # [px] of an image 320 wide, one per round
_LEAST_POINTS = 12
_SETTLED = np.array([1e-4, 1e-4, 1e-3])  # [m], [m], [rad]
_OUTLIER = 0.8  # [px] of an image 320 wide
_LOOSE = 1.0 / np.array([0.2, 0.2, 2.0]) ** 2  # [m], [m], [rad]; a sheet could be anywhere
_FAR = np.array([0.05, 0.05, 0.6])  # [m], [m], [rad]; a fit that goes further has run away


@dataclass(frozen=True, slots=True, eq=False)
class SheetFit:
    """A sheet, as one image tells it.

    Attributes:
        pose: Where the sheet lies.
        covariance: Of x, y in [m] and yaw in [rad], if the camera is known exactly. Shape (3, 3).
        by_camera: Shift of the pose for a step of the camera, as ``plane_view.move`` takes it.
            Shape (3, 6).
        rms: Of what is left between the sheet and the image, in [px].
        readings: What is seen of its edges.
        camera: Where the camera is thought to be.
        camera_information: What the sheet tells about the camera: inverse covariance of a step.
            Shape (6, 6).
        camera_pull: Where the sheet pulls the camera: the information times a step. Shape (6,).
    """

    pose: PlanarPose
    covariance: np.ndarray
    by_camera: np.ndarray
    rms: float
    readings: EdgeReadings
    camera: CameraModel
    camera_information: np.ndarray
    camera_pull: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class _Equations:
    """Linear equations between steps and offsets, summed up: blocks of camera and sheet."""

    camera_camera: np.ndarray
    camera_sheet: np.ndarray
    sheet_sheet: np.ndarray
    camera: np.ndarray
    sheet: np.ndarray
    rms: float
    readings: EdgeReadings


def fit_sheet(
    shares: Shares, camera: CameraModel, start: PlanarPose, height: float
) -> SheetFit | None:
    """Move a sheet until its edges lie where the image shows them.

    Args:
        shares: What the image shows.
        camera: Where the camera is.
        start: Where the sheet is about.
        height: Of its upper face over the table, in [m].

    Returns:
        The sheet; None if too few of its edges are seen there.
    """
    pose = start
    for reach in _REACHES:
        equations = _set_up(shares, camera, pose, height, reach)
        if equations is None:
            return None
        step = np.linalg.solve(equations.sheet_sheet + np.diag(_LOOSE), equations.sheet)
        if reach == _REACHES[-1] and (np.abs(step) < _SETTLED).all():
            return _conclude(camera, pose, equations)
        pose = _shift(pose, step)
        if _ran_away(start, pose):
            return None
    equations = _set_up(shares, camera, pose, height, _REACHES[-1])
    return None if equations is None else _conclude(camera, pose, equations)


def fit_sheet_and_camera(
    shares: Shares, frame: FrameFit, start: PlanarPose, height: float
) -> SheetFit | None:
    """Move sheet and camera until the sheet's edges lie where the image shows them.

    Args:
        shares: What the image shows.
        frame: The camera, with how well it is known already.
        start: Where the sheet is about.
        height: Of its upper face over the table, in [m].

    Returns:
        The sheet, with the better camera; None if too few of its edges are seen there.
    """
    camera, pose = frame.camera, start
    gone = np.zeros(6)
    for reach in _REACHES:
        equations = _set_up(shares, camera, pose, height, reach)
        if equations is None:
            return None
        known = np.block(
            [
                [equations.camera_camera + frame.information, equations.camera_sheet],
                [equations.camera_sheet.T, equations.sheet_sheet + np.diag(_LOOSE)],
            ]
        )
        pull = np.concatenate([equations.camera - frame.information @ gone, equations.sheet])
        step = np.linalg.solve(known, pull)
        if reach == _REACHES[-1] and (np.abs(step[6:]) < _SETTLED).all():
            return _conclude(camera, pose, equations)
        camera, gone = move(camera, step[:6]), gone + step[:6]
        pose = _shift(pose, step[6:])
        if _ran_away(start, pose):
            return None
    equations = _set_up(shares, camera, pose, height, _REACHES[-1])
    return None if equations is None else _conclude(camera, pose, equations)


def _ran_away(start: PlanarPose, pose: PlanarPose) -> bool:
    return bool((np.abs([pose.x - start.x, pose.y - start.y, pose.yaw - start.yaw]) > _FAR).any())


def _shift(pose: PlanarPose, step: np.ndarray) -> PlanarPose:
    x, y, yaw = step.tolist()
    return PlanarPose(pose.x + x, pose.y + y, pose.yaw + yaw)


def _set_up(
    shares: Shares, camera: CameraModel, pose: PlanarPose, height: float, reach: float
) -> _Equations | None:
    """Read the edges of a sheet; None if too few are found."""
    scale = scale_of(camera)
    seen = project_sheet(camera, pose, height)
    readings = read_sheet(shares, seen.edges, reach * scale)
    found = readings.found
    if found.sum() < _LEAST_POINTS:
        return None
    offsets = readings.offsets[found]
    outlier = max(_OUTLIER, 0.5 * (reach - _REACHES[-1])) * scale
    weights = weigh_points(seen.edges.pixels[found], offsets, EDGE_SIDES[found], scale, outlier)
    by_sheet, by_camera = seen.by_sheet[found], seen.by_camera[found]
    weighed_sheet, weighed_camera = by_sheet * weights[:, None], by_camera * weights[:, None]
    return _Equations(
        camera_camera=weighed_camera.T @ by_camera,
        camera_sheet=weighed_camera.T @ by_sheet,
        sheet_sheet=weighed_sheet.T @ by_sheet,
        camera=weighed_camera.T @ offsets,
        sheet=weighed_sheet.T @ offsets,
        rms=float(np.sqrt(np.mean(offsets**2))),
        readings=readings,
    )


def _conclude(camera: CameraModel, pose: PlanarPose, equations: _Equations) -> SheetFit:
    covariance = np.linalg.inv(equations.sheet_sheet + np.diag(_LOOSE))
    by_camera = -covariance @ equations.camera_sheet.T
    return SheetFit(
        pose,
        covariance,
        by_camera,
        equations.rms,
        equations.readings,
        camera,
        equations.camera_camera + equations.camera_sheet @ by_camera,
        equations.camera + by_camera.T @ equations.sheet,
    )
