"""Look at the images of a request: are they two cameras, in colour, the right way round?"""

from collections.abc import Iterator, Mapping
from itertools import combinations

import cv2
import numpy as np

from so101_ros.groot.checks.finding import Finding, Verdict
from so101_ros.groot.profile import EmbodimentProfile
from so101_ros.perception.image_checks import check_light
from so101_ros.perception.tracking import Condition
from so101_ros.simulation.scene import TRACKED_CAMERA

_THUMBNAIL = (32, 24)  # [px]
_SAME = 3.0  # of 255; noise between two images of one camera is below, at this size
_ONE_COLOUR = 2.0  # of 255, the spread of a thumbnail that shows nothing
_SAMPLED = 120  # rows, at least, of the pixels whose colour counts
_LEAST_SATURATION = 0.42  # one channel above the other two, as a share of it; red tape has more
_LEAST_LEVEL = 40  # of 255
_LEAST_SHARE = 0.002  # of the image; the tape alone fills 0.018
_MOST_SHARE = 0.15  # of the image; what is larger is the table, not the tape
_CLEARLY = 3.0  # times as many pixels of one colour as of the other


def look_at_images(
    profile: EmbodimentProfile,
    video: Mapping[str, np.ndarray],
    sizes: Mapping[str, tuple[int, int] | None],
) -> Iterator[Finding]:
    """Look at every image, and at every two.

    Args:
        profile: Which camera is behind a key.
        video: Pixels by video key, as in a request.
        sizes: Width and height in [px] by video key that the model insists on.

    Returns:
        What was found, wrong or not.
    """
    shown: dict[str, np.ndarray] = {}
    for key, each in profile.video.items():
        pixels = video.get(key)
        if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            given = "nothing" if pixels is None else f"{pixels.shape} of {pixels.dtype}"
            fix = "make requests with the profile"
            yield Finding(f"video.{key}", given, "an image", Verdict.MISMATCH, fix)
            continue
        shown[key] = each.from_model(pixels)
        yield _check_size(key, pixels, sizes.get(key) or each.size)
        yield _check_content(key, each.camera, shown[key])
        if each.camera == TRACKED_CAMERA:
            yield _check_colours(key, shown[key])
    yield from _check_pairs(shown)


def _check_size(key: str, pixels: np.ndarray, size: tuple[int, int]) -> Finding:
    height, width = pixels.shape[:2]
    right = (width, height) == size
    return Finding(
        f"video.{key} size",
        f"{width}x{height} px",
        f"{size[0]}x{size[1]} px",
        Verdict.OK if right else Verdict.MISMATCH,
        "" if right else f"set size: {list(size)} in the profile",
    )


def _check_content(key: str, camera: str, rgb: np.ndarray) -> Finding:
    subject, expected = f"video.{key} image", "something to see"
    level = int(np.median(_sample(rgb)))
    if float(_thumbnail(rgb).std(axis=(0, 1)).max()) < _ONE_COLOUR:
        given = "black" if level < 10 else f"one colour, level {level} of 255"
        fix = f"nothing comes from camera {camera!r}: is it connected, is the cap off?"
        return Finding(subject, given, expected, Verdict.MISMATCH, fix)
    wrong = check_light(rgb)
    if wrong is not None and wrong[0] in (Condition.DARK, Condition.SATURATED):
        return Finding(subject, wrong[0].value, expected, Verdict.MISMATCH, wrong[1])
    return Finding(subject, f"median level {level} of 255", expected, Verdict.OK)


def _check_colours(key: str, rgb: np.ndarray) -> Finding:
    """Compare what is red with what is blue: the tape of the task is red, and nothing is blue."""
    red, blue = (_saturated_share(rgb, channel) for channel in (0, 2))
    given = f"{100 * red:.1f} % red, {100 * blue:.1f} % blue"
    subject, expected = f"video.{key} colour", "the red tape"
    doubt = _doubt_colours(red, blue)
    if doubt:
        return Finding(subject, given, expected, Verdict.UNKNOWN, f"cannot tell: {doubt}")
    if red > blue:
        return Finding(subject, given, expected, Verdict.OK)
    fix = "red and blue look swapped: let the camera deliver rgb8, or say colour in the profile"
    return Finding(subject, given, expected, Verdict.MISMATCH, fix)


def _doubt_colours(red: float, blue: float) -> str:
    """Why shares of the image tell nothing; empty if they do."""
    if max(red, blue) < _LEAST_SHARE:
        return "nothing red or blue in sight"
    if max(red, blue) > _MOST_SHARE:
        return "the table itself is red or blue"
    if max(red, blue) < _CLEARLY * min(red, blue):
        return "as much red as blue in sight"
    return ""


def _saturated_share(rgb: np.ndarray, channel: int) -> float:
    """Share of pixels that are clearly of one primary colour."""
    samples = _sample(rgb).astype(np.int16)
    level = samples[..., channel]
    rest = np.maximum(samples[..., channel - 1], samples[..., channel - 2])
    return float(((level > _LEAST_LEVEL) & (level - rest > _LEAST_SATURATION * level)).mean())


def _check_pairs(shown: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    thumbnails = {key: _thumbnail(rgb) for key, rgb in shown.items()}
    for one, other in combinations(thumbnails, 2):
        difference = float(np.abs(thumbnails[one] - thumbnails[other]).mean())
        same = difference < _SAME
        yield Finding(
            f"video.{one} and {other}",
            f"{difference:.1f} levels apart",
            "two views",
            Verdict.MISMATCH if same else Verdict.OK,
            "both deliver the same image: is one camera behind both topics?" if same else "",
        )


def _sample(rgb: np.ndarray) -> np.ndarray:
    """Some of the pixels, evenly spread; looking at all of a large image takes too long."""
    grid = max(1, min(rgb.shape[:2]) // _SAMPLED)
    return rgb[::grid, ::grid]


def _thumbnail(rgb: np.ndarray) -> np.ndarray:
    return cv2.resize(rgb, _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
