"""Between images and ROS messages. One copy each way: images are the large data here."""

import array

import cv2
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from so101_ros.cameras.calibration import CameraCalibration
from so101_ros.errors import ConfigError, ObservationError, RenderError
from so101_ros.nodes.convert import header
from so101_ros.simulation.cameras import Intrinsics

_CHANNELS = {"rgb8": 3, "bgr8": 3, "mono8": 1}
_READ_CODES = {"bgr8": cv2.COLOR_BGR2RGB, "mono8": cv2.COLOR_GRAY2RGB}
_NO_DISTORTION = 5 * (0.0,)


def image_to_ros(rgb: np.ndarray, stamp_ns: int, frame_id: str) -> Image:
    """Write an image.

    Args:
        rgb: RGB pixels. Shape (height, width, 3), uint8.
        stamp_ns: When it was taken, in [ns].
        frame_id: Optical frame of the camera.
    """
    height, width, channels = rgb.shape
    msg = Image(header=header(stamp_ns, frame_id), height=height, width=width, encoding="rgb8")
    msg.step = width * channels
    msg.data = _bytes(np.ascontiguousarray(rgb))
    return msg


def image_from_ros(msg: Image) -> np.ndarray:
    """Read an image.

    Args:
        msg: An image in encoding ``rgb8``, ``bgr8`` or ``mono8``.

    Returns:
        RGB pixels. Shape (height, width, 3), uint8.

    Raises:
        ObservationError: If the encoding is another one or the data do not fill the image.
    """
    if msg.encoding not in _CHANNELS:
        raise ObservationError(
            f"an image must be encoded as one of {sorted(_CHANNELS)}, got {msg.encoding!r}"
        )
    channels = _CHANNELS[msg.encoding]
    row = msg.width * channels
    if msg.step < row or len(msg.data) != msg.step * msg.height or not len(msg.data):
        raise ObservationError(
            f"an image of {msg.width} x {msg.height} with step {msg.step} cannot have "
            f"{len(msg.data)} bytes"
        )
    rows = np.frombuffer(msg.data, dtype=np.uint8).reshape(msg.height, msg.step)
    pixels = rows[:, :row].reshape(msg.height, msg.width, channels)
    code = _READ_CODES.get(msg.encoding)
    return pixels if code is None else cv2.cvtColor(pixels, code)


def compressed_to_ros(
    rgb: np.ndarray, stamp_ns: int, frame_id: str, quality: int
) -> CompressedImage:
    """Write an image as JPEG.

    Args:
        rgb: RGB pixels. Shape (height, width, 3), uint8.
        stamp_ns: When it was taken, in [ns].
        frame_id: Optical frame of the camera.
        quality: JPEG quality, 1 to 100.

    Raises:
        RenderError: If OpenCV cannot encode it.
    """
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RenderError(f"OpenCV cannot encode an image of shape {rgb.shape} as JPEG")
    msg = CompressedImage(header=header(stamp_ns, frame_id), format="rgb8; jpeg compressed bgr8")
    msg.data = _bytes(jpeg)
    return msg


def compressed_from_ros(msg: CompressedImage) -> np.ndarray:
    """Read a compressed image.

    Returns:
        RGB pixels. Shape (height, width, 3), uint8.

    Raises:
        ObservationError: If the data are no image.
    """
    data = np.frombuffer(msg.data, dtype=np.uint8)
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if bgr is None:
        raise ObservationError(
            f"a compressed image of {len(data)} bytes ({msg.format!r}) does not decode"
        )
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def camera_info_to_ros(intrinsics: Intrinsics, stamp_ns: int, frame_id: str) -> CameraInfo:
    """Write the intrinsics of a camera without distortion.

    Args:
        intrinsics: Image size and pinhole model.
        stamp_ns: Stamp of the image that it belongs to, in [ns].
        frame_id: Optical frame of the camera.
    """
    fx, fy, cx, cy = (float(getattr(intrinsics, key)) for key in ("fx", "fy", "cx", "cy"))
    return CameraInfo(
        header=header(stamp_ns, frame_id),
        width=intrinsics.width,
        height=intrinsics.height,
        distortion_model="plumb_bob",
        d=[0.0] * 5,
        k=[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def camera_info_from_ros(msg: CameraInfo) -> CameraCalibration:
    """Read what is known of a camera's lens.

    Args:
        msg: Intrinsics of the whole image; ``plumb_bob`` without coefficients, as some drivers send
            it, means no distortion.

    Returns:
        The calibration, named after the camera's frame.

    Raises:
        ObservationError: If the camera is not calibrated, the distortion model is not supported, or
            the image is only a part of what the calibration was made for.
    """
    if not any(msg.k):
        raise ObservationError(
            "this camera is not calibrated: k is all zero. Run so101 camera calibrate, and give "
            "the file to the camera's driver"
        )
    if max(msg.binning_x, msg.binning_y) > 1 or (msg.roi.width, msg.roi.height) != (0, 0):
        raise ObservationError(
            "binning and a region of interest are not supported; switch both off"
        )
    try:
        return CameraCalibration(
            name=msg.header.frame_id or "camera",
            width=msg.width,
            height=msg.height,
            matrix=np.reshape(msg.k, (3, 3)),
            distortion_model=msg.distortion_model or "plumb_bob",
            distortion=np.array(msg.d if len(msg.d) else _NO_DISTORTION),
            rectification=np.reshape(msg.r, (3, 3)),
            projection=np.reshape(msg.p, (3, 4)),
        )
    except ConfigError as err:
        raise ObservationError(f"not a usable camera_info: {err}") from err


def _bytes(pixels: np.ndarray) -> array.array:
    packed = array.array("B")
    packed.frombytes(pixels.data.cast("B"))
    return packed
