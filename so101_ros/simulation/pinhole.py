"""Where a point in the world appears in an image.

Pixel coordinates follow ROS and OpenCV: (0, 0) is the *centre* of the top left pixel, u grows to
the right and v down. The optical frame follows REP-103: x right, y down, z forward.
"""

from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from so101_ros.errors import ConfigError

OPTICAL_FROM_MUJOCO = np.diag([1.0, -1.0, -1.0])
"""MuJoCo's cameras look along -z with y up; half a turn about x makes that an optical frame."""
OPTICAL_FROM_MUJOCO.setflags(write=False)


def optical_frame(camera: str) -> str:
    """Name of the optical frame of a camera."""
    return f"{camera}_optical_frame"


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A pinhole camera without distortion.

    Attributes:
        width: Image width in [px].
        height: Image height in [px].
        fx: Focal length along u in [px].
        fy: Focal length along v in [px].
        cx: Principal point along u in [px]; (width - 1) / 2 when it is the middle of the image.
        cy: Principal point along v in [px].
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float

    @classmethod
    def from_fovy(cls, width: int, height: int, fovy: float) -> "Intrinsics":
        """Describe a camera with square pixels that looks through the middle of its image.

        Args:
            width: Image width in [px].
            height: Image height in [px].
            fovy: Vertical field of view in [rad], from the upper to the lower edge of the image.

        Raises:
            ConfigError: If the size is below 1 or the field of view is not between 0 and pi.
        """
        check_size(width, height)
        if not 0.0 < fovy < np.pi:
            raise ConfigError(f"fovy must lie between 0 and pi rad, got {fovy}")
        focal = 0.5 * height / np.tan(0.5 * fovy)
        return cls(width, height, focal, focal, 0.5 * (width - 1), 0.5 * (height - 1))

    @classmethod
    def from_mujoco(
        cls, model: mujoco.MjModel, camera: str, width: int, height: int
    ) -> "Intrinsics":
        """Read the lens of a scene's camera.

        Args:
            model: The compiled scene.
            camera: Name of the camera.
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            ConfigError: If the camera is unknown or the size is below 1.
        """
        fovy = float(np.deg2rad(model.cam_fovy[camera_id(model, camera)]))
        return cls.from_fovy(width, height, fovy)

    @property
    def matrix(self) -> np.ndarray:
        """Camera matrix K: homogeneous pixels are K times optical coordinates. Shape (3, 3)."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class CameraModel:
    """A camera at one place.

    Attributes:
        intrinsics: Image size and pinhole.
        position: Optical centre in ``world`` in [m]. Shape (3,).
        rotation: Turns optical coordinates into ``world``. Shape (3, 3).
    """

    intrinsics: Intrinsics
    position: np.ndarray
    rotation: np.ndarray

    @classmethod
    def from_mujoco(
        cls, model: mujoco.MjModel, data: mujoco.MjData, camera: str, width: int, height: int
    ) -> "CameraModel":
        """Read a camera of a scene.

        Args:
            model: The compiled scene.
            data: Its state, with up-to-date kinematics; only the cameras' poses are recomputed.
            camera: Name of the camera.
            width: Image width in [px].
            height: Image height in [px].

        Raises:
            ConfigError: If the camera is unknown or the size is below 1.
        """
        index = camera_id(model, camera)
        mujoco.mj_camlight(model, data)
        return cls(
            Intrinsics.from_mujoco(model, camera, width, height),
            data.cam_xpos[index].copy(),
            data.cam_xmat[index].reshape(3, 3) @ OPTICAL_FROM_MUJOCO,
        )

    def project(self, points: npt.ArrayLike) -> np.ndarray:
        """Find the pixels at which points appear.

        Args:
            points: Points in ``world`` in [m]. Shape (..., 3).

        Returns:
            Pixel coordinates u, v; NaN for points that are not in front of the camera; possibly
            outside the image. Shape (..., 2).
        """
        optical = (np.asarray(points) - self.position) @ self.rotation
        depth = np.where(optical[..., 2:] > 0.0, optical[..., 2:], np.nan)
        focal = np.array([self.intrinsics.fx, self.intrinsics.fy])
        centre = np.array([self.intrinsics.cx, self.intrinsics.cy])
        return focal * optical[..., :2] / depth + centre


def camera_id(model: mujoco.MjModel, camera: str) -> int:
    """Find a camera by name.

    Raises:
        ConfigError: If the scene has no such camera.
    """
    names = [model.camera(index).name for index in range(model.ncam)]
    if camera not in names:
        raise ConfigError(f"unknown camera {camera!r}; the scene has {names}")
    return names.index(camera)


def check_size(width: int, height: int) -> None:
    """Refuse an image without pixels.

    Raises:
        ConfigError: If the width or the height is below 1.
    """
    if width < 1 or height < 1:
        raise ConfigError(f"a camera image needs at least 1 x 1 pixels, got {width} x {height}")
