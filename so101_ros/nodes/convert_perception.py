"""From what the tracker says to ROS messages: free functions, no state."""

import array

import numpy as np
from geometry_msgs.msg import PoseWithCovariance, PoseWithCovarianceStamped

from so101_ros.nodes.convert import WORLD, header, pose_to_ros
from so101_ros.perception.tracking import PaperEstimate
from so101_ros.pose import Pose, yaw_to_quaternion

_PLANAR = np.ix_((0, 1, 5), (0, 1, 5))  # x, y and the turn about z, of x, y, z and three turns


def paper_pose(paper: PaperEstimate, thickness: float) -> Pose:
    """Tell where the sheet's middle is; it lies flat on the table.

    Args:
        paper: What was estimated.
        thickness: Of the sheet, in [m].
    """
    position = np.array([paper.pose.x, paper.pose.y, 0.5 * thickness])
    return Pose(position, yaw_to_quaternion(paper.pose.yaw))


def covariance_to_ros(paper: PaperEstimate, pose: Pose, stamp_ns: int) -> PoseWithCovarianceStamped:
    """Write the sheet's pose with how sure it is.

    Args:
        paper: What was estimated.
        pose: Where the sheet's middle is, in ``world``.
        stamp_ns: Stamp of the image, in [ns].

    Returns:
        The pose; covariances of height and tilt, which are not measured, are 0.
    """
    covariance = np.zeros((6, 6))
    covariance[_PLANAR] = paper.covariance
    return PoseWithCovarianceStamped(
        header=header(stamp_ns, WORLD),
        pose=PoseWithCovariance(
            pose=pose_to_ros(pose, stamp_ns).pose,
            covariance=array.array("d", covariance.ravel()),
        ),
    )
