"""Find the tape frame without knowing where the camera is."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from so101_ros.perception.plane_view import move
from so101_ros.perception.settings import TrackerSettings
from so101_ros.perception.tape_frame import OUTER_SIZE, project_frame
from so101_ros.perception.unmixing import Shares
from so101_ros.pose import rotation
from so101_ros.simulation.pinhole import CameraModel, Intrinsics
from so101_ros.task.geometry import GOAL_CENTRE

_LEAST_BLOB_SHARE = 0.0008  # of the image
_MOST_POINTS = 240
_ROUNDS = 12
_FIRST_GATE, _LAST_GATE = 16.0, 2.0  # [px] of an image 320 wide
_FACING = 0.7  # cosine between the directions out of image and model
_POSITION_SIGMA, _TURN_SIGMA = 0.10, 0.15  # [m], [rad]; how far a start may be from the truth


def guess_cameras(
    shares: Shares, intrinsics: Intrinsics, settings: TrackerSettings
) -> Iterator[CameraModel]:
    """Guess where the camera is from what is red, most likely first.

    Args:
        shares: What the image shows.
        intrinsics: Of the camera.
        settings: Tell which way round the frame is, and about where the camera is.

    Yields:
        Up to three cameras that look about straight down, moved until the frame fits the red edges.
    """
    red = ((shares.tape > 0.5) & (shares.strange == 0)).view(np.uint8)
    contours, _ = cv2.findContours(red, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    contours = [each for each in contours if len(each) > _LEAST_BLOB_SHARE * red.size]
    if not contours:
        return
    contours.sort(key=len, reverse=True)
    everything = np.concatenate(contours)
    boundary = _Boundary(shares, everything[:, 0])
    for points in (contours[0], everything):
        start = _look_down(cv2.minAreaRect(points), intrinsics, settings)
        yield boundary.align(start)
    yield boundary.align(nominal_camera(intrinsics, settings))


def nominal_camera(intrinsics: Intrinsics, settings: TrackerSettings) -> CameraModel:
    """The camera where it should be, looking straight down."""
    up = np.array([0.0, -1.0])
    turned = rotation(settings.camera_heading) @ up
    return CameraModel(
        intrinsics, np.array(settings.camera_position), _straight_down(np.array(turned))
    )


def _straight_down(x_axis: np.ndarray) -> np.ndarray:
    """Rotation of a camera that looks down and shows world x along a direction of its image."""
    u, v = x_axis
    return np.array([[u, v, 0.0], [v, -u, 0.0], [0.0, 0.0, -1.0]])


def _look_down(
    box: tuple[Sequence[float], Sequence[float], float],
    intrinsics: Intrinsics,
    settings: TrackerSettings,
) -> CameraModel:
    """Place a camera straight above a frame that fills a box of the image."""
    centre, sides, angle = np.array(box[0]), np.array(box[1]), np.deg2rad(box[2])
    along = rotation(angle)[:, int(sides.argmax())]
    expected = rotation(settings.camera_heading) @ np.array([0.0, -1.0])
    along = along if along @ expected > 0.0 else -along
    turned = _straight_down(along)
    focal = 0.5 * (intrinsics.fx + intrinsics.fy)
    distance = focal * np.sqrt(OUTER_SIZE.prod() / max(1.0, sides.prod()))
    ray = (centre - [intrinsics.cx, intrinsics.cy]) / [intrinsics.fx, intrinsics.fy]
    position = np.array([*GOAL_CENTRE, 0.0]) - turned @ (distance * np.array([*ray, 1.0]))
    return CameraModel(intrinsics, position, turned)


class _Boundary:
    """Pixels on the boundary of what is red, each with the direction out of it."""

    def __init__(self, shares: Shares, pixels: np.ndarray) -> None:
        self._scale = shares.tape.shape[1] / 320.0
        height, width = shares.tape.shape
        inside = ((pixels > 1) & (pixels < [width - 2, height - 2])).all(axis=1)
        self._pixels = pixels[inside][:: max(1, int(inside.sum()) // _MOST_POINTS)].astype(float)
        self._outward = self._gradient(shares)

    def _gradient(self, shares: Shares) -> np.ndarray:
        smooth = cv2.GaussianBlur(shares.tape, (0, 0), self._scale)
        u, v = self._pixels.astype(int).T
        slope = np.column_stack(
            [smooth[v, u - 1] - smooth[v, u + 1], smooth[v - 1, u] - smooth[v + 1, u]]
        )
        return slope / np.maximum(1e-6, np.linalg.norm(slope, axis=1, keepdims=True))

    def align(self, start: CameraModel) -> CameraModel:
        """Move a camera until the frame's edges lie on the boundary.

        Each point pulls at the nearest point of the model that faces the same way.
        """
        camera = start
        for gate in np.geomspace(_FIRST_GATE, _LAST_GATE, _ROUNDS) * self._scale:
            step = self._step(camera, start, gate)
            if step is None:
                break
            camera = move(camera, step)
        return camera

    def _step(self, camera: CameraModel, start: CameraModel, gate: float) -> np.ndarray | None:
        projection, edges = project_frame(camera)
        model = projection.pixels
        # Squares of distances, but for what is the same for all points of the model.
        distance = (model**2).sum(axis=1) - 2.0 * self._pixels @ model.T
        distance[self._outward @ edges.normals.T < _FACING] = np.inf
        nearest = distance.argmin(axis=1)
        apart = self._pixels - model[nearest]
        chosen = (apart**2).sum(axis=1) < gate**2
        if chosen.sum() < 20:
            return None
        nearest, apart = nearest[chosen], apart[chosen]
        normals = edges.normals[nearest]
        # Half a pixel: a boundary pixel is red, the edge is at its far side.
        residual = np.einsum("ni,ni->n", apart, normals) + 0.5
        slopes = np.einsum("ni,nij->nj", normals, projection.by_camera[nearest])
        weight = 1.0 / (1.0 + (residual / (0.5 * gate)) ** 2)
        sigmas = np.array([_POSITION_SIGMA] * 3 + [_TURN_SIGMA] * 3)
        information = (slopes * weight[:, None]).T @ slopes + np.diag(1.0 / sigmas**2)
        return np.linalg.solve(information, slopes.T @ (weight * residual))
