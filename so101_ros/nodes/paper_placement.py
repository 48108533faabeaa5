"""Let a policy that cheats move the sheet: for the oracle, which proves evaluations."""

from collections.abc import Mapping

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node

from so101_ros.errors import CommandError, So101Error
from so101_ros.nodes import convert, qos
from so101_ros.nodes.refusals import Refusals
from so101_ros.pose import Pose
from so101_ros.rates import NANOSECONDS
from so101_ros.simulation.scene import TABLE_HALF_SIZE
from so101_ros.simulation.simulator import Simulator

_MOST_TILT = 1e-3  # about [rad]
_MOST_HEIGHT = 0.01  # [m], of the sheet's centre; it is laid down on the table anyway

TOPIC = "sim/place_paper"


class PaperPlacement:
    """Put the sheet where ``sim/place_paper`` says.

    Attributes:
        placed: How often that was done.
    """

    def __init__(self, node: Node, simulator: Simulator) -> None:
        """Subscribe.

        Args:
            node: Who listens.
            simulator: Whose sheet is moved.
        """
        self.placed = 0
        self._refusals = Refusals(node)
        self._simulator = simulator
        node.create_subscription(PoseStamped, TOPIC, self._on_pose, qos.POSE)

    def values(self) -> Mapping[str, object]:
        """Counts and the last reason of a refusal, for a report."""
        return {"placed_paper": self.placed, **self._refusals.values()}

    def _on_pose(self, msg: PoseStamped) -> None:
        try:
            pose = convert.pose_from_ros(msg)
            check_placement(pose)
            self._refuse_stale(convert.stamp_to_ns(msg.header.stamp))
        except So101Error as err:
            self._refusals.add(TOPIC, err)
            return
        self._simulator.backend.lay_paper(pose.position[:2], pose.quaternion)
        self.placed += 1

    def _refuse_stale(self, stamp_ns: int) -> None:
        start_ns = self._simulator.episode.start_ns
        if stamp_ns < start_ns:
            raise CommandError(
                f"a pose stamped {stamp_ns / NANOSECONDS:.3f} s is from before the episode, which "
                f"began at {start_ns / NANOSECONDS:.3f} s; stamp it with the observation behind it"
            )


def check_placement(pose: Pose) -> None:
    """Refuse a pose at which a sheet cannot lie on the table.

    Args:
        pose: Where the sheet's centre should be.

    Raises:
        CommandError: If it is beside or above the table, or not flat on it.
    """
    x, y, z = pose.position.tolist()
    if max(abs(x), abs(y)) > TABLE_HALF_SIZE or abs(z) > _MOST_HEIGHT:
        raise CommandError(
            f"the sheet cannot lie at x={x:.3f}, y={y:.3f}, z={z:.3f} m: x and y must be in "
            f"[-{TABLE_HALF_SIZE:g}, {TABLE_HALF_SIZE:g}] m, and |z| at most {_MOST_HEIGHT:g} m"
        )
    if np.abs(pose.quaternion[1:3]).max() > 0.5 * _MOST_TILT:
        raise CommandError(
            f"the sheet cannot lie tilted: quaternion w x y z {pose.quaternion.tolist()} must turn "
            "about z alone"
        )
