"""Make sure that a program watches one graph, and not a mixture of two."""

from collections.abc import Callable
from contextlib import closing

from rclpy.node import Node

from so101_ros.errors import GraphError
from so101_ros.nodes.graph_session import GraphSession

LISTEN_S = 2.0
"""Wall time to find a graph that runs already; a busy machine takes more than one second."""


def refuse_company(node: Node) -> None:
    """Refuse a domain with another simulation: every figure would be a mixture of both.

    Args:
        node: Who looks.

    Raises:
        GraphError: If there is one.
    """
    clocks = node.count_publishers("/clock")
    if clocks > 1:
        raise _company(f"{clocks} nodes publish /clock")


def refuse_running_graph(check: Callable[[], None]) -> None:
    """Refuse a domain with a simulation, before one's own starts.

    Nobody could tell it from one's own until that one speaks.

    Args:
        check: Called often; raises what must end the wait.

    Raises:
        GraphError: If there is one.
    """
    with closing(GraphSession("so101_lookout", check)) as session:
        session.on_turn.append(lambda: _refuse_any(session.node))
        session.run_for(LISTEN_S)


def _refuse_any(node: Node) -> None:
    if node.count_publishers("/clock"):
        raise _company("somebody publishes /clock")


def _company(found: str) -> GraphError:
    return GraphError(
        f"{found}: another graph runs on this ROS domain. Stop it, or choose another domain with "
        "the environment variable ROS_DOMAIN_ID"
    )
