"""Make sure that a program watches one graph, and not a mixture of two."""

from rclpy.node import Node

from so101_ros.errors import GraphError


def refuse_company(node: Node) -> None:
    """Refuse a domain with another simulation: every figure would be a mixture of both.

    Args:
        node: Who looks.

    Raises:
        GraphError: If there is one.
    """
    clocks = node.count_publishers("/clock")
    if clocks > 1:
        raise GraphError(
            f"{clocks} nodes publish /clock: another graph runs on this ROS domain. Stop it, "
            "or choose another domain with the environment variable ROS_DOMAIN_ID"
        )
