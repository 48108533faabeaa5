"""The nodes of this package, by the names under which they start."""

PACKAGE = "so101_ros"

EXECUTABLES = (
    "mujoco_sim",
    "sim_cameras",
    "paper_tracker",
    "ik_controller",
    "groot_policy",
    "base_policy",
    "residual_blender",
    "task_monitor",
)
"""All of them.

A graph has those that its policy needs, and ``paper_tracker`` if the camera tells the pose.
"""
