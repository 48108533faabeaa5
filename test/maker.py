"""The maker's own model of the arm, when it lies beside the checkout."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "so101_official"
MJCF = FOLDER / "so101_new_calib.xml"
URDF = FOLDER / "so101_new_calib.urdf"

LINKS = {
    "base_link": "base",
    "shoulder_link": "shoulder",
    "upper_arm_link": "upper_arm",
    "lower_arm_link": "lower_arm",
    "wrist_link": "wrist",
    "gripper_link": "gripper",
    "moving_jaw_link": "moving_jaw_so101_v1",
}
"""Our name of every link, and the maker's."""

needs_maker = pytest.mark.skipif(not MJCF.is_file(), reason=f"the maker's model is not at {FOLDER}")
