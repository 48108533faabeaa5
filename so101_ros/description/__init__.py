"""The arm as a URDF, for robot_state_publisher and rviz.

``python -m so101_ros.description`` writes ``assets/so101.urdf`` anew from the compiled MJCF, so
that both files have one source of numbers.
"""

from so101_ros.description.urdf import build_urdf

__all__ = ["build_urdf"]
