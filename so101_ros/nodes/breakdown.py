"""What each command is made of, published term by term."""

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState

from so101_ros.control.commander import Commanded
from so101_ros.nodes import convert, qos

TERMS = ("ik", "groot", "residual", "sum", "command", "guard")
"""Terms on ``blender/breakdown/<term>``; guard is what the guard changed: command - sum."""


class Breakdown:
    """One topic for each term, written only while somebody listens."""

    def __init__(self, node: Node) -> None:
        """Announce the topics.

        Args:
            node: Who publishes.
        """
        self._publishers = {
            term: node.create_publisher(JointState, f"blender/breakdown/{term}", qos.STATUS)
            for term in TERMS
        }

    def publish(self, commanded: Commanded) -> None:
        """Publish what the target of the next control tick is made of.

        Args:
            commanded: The command and what it was made of.
        """
        for term, q in _break_down(commanded).items():
            publisher = self._publishers[term]
            if publisher.get_subscription_count():
                publisher.publish(convert.q_to_ros(commanded.command.stamp_ns, q))


def _break_down(commanded: Commanded) -> dict[str, np.ndarray]:
    """Rows of the next control tick, by term in [rad]; in a hold there is only the command."""
    command = commanded.command.rows[0]
    blend = commanded.blend
    if blend.total is None:
        return {"command": command}
    terms = {name: rows[0] for name, rows in blend.terms.items()}
    total = blend.total[0]
    return terms | {"sum": total, "command": command, "guard": command - total}
