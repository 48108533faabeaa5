"""Nominal rates of the graph's topics, derived from the rates of the system."""

from so101_ros.rates import Rates

COMMAND_HZ = 60
"""Commands per simulated second when the blender runs free."""


TRACKED_POSE = "paper_pose"
"""The sheet's pose as the tracker sees it."""

ANNOTATED_IMAGE = "paper_tracker/image/compressed"
"""The tracked camera's image with what the tracker sees in it."""


def nominal_rates(
    rates: Rates, cameras: tuple[str, ...], lock_step: bool = False, tracked: bool = False
) -> dict[str, int]:
    """List the periodic topics whose every message carries a stamp.

    Args:
        rates: Rates of the system.
        cameras: Names of the cameras that run.
        lock_step: Whether there is one command for each policy tick.
        tracked: Whether the sheet's pose comes from a camera; a pose that is missing was not seen.

    Returns:
        Messages per simulated second, by relative topic name (``/clock`` is absolute).
    """
    poses = {TRACKED_POSE: rates.policy_hz} if tracked else {}
    images = {f"camera/{camera}/image_raw/compressed": rates.policy_hz for camera in cameras}
    return {
        "/clock": rates.control_hz,
        "joint_states": rates.control_hz,
        "ground_truth/paper_pose": rates.policy_hz,
        "policy/ik/action": rates.policy_hz,
        "joint_trajectory": rates.policy_hz if lock_step else COMMAND_HZ,
        **images,
        **poses,
    }
