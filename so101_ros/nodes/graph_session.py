"""Take part in a running graph for a while, from a program that is no node itself."""

import time
from collections.abc import Callable

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from so101_ros.errors import GraphError

TURN_S = 0.02
"""Messages are fetched this often: 14 at a time at the rates of the whole graph."""


class GraphSession:
    """Two nodes and the loop that serves them.

    Attributes:
        node: Spun by the loop: for services and parameters.
        ears: Never spun: its subscriptions are read in batches by ``on_turn``.
        on_turn: Called in every turn of the loop.
    """

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        """Join the graph; signals stay with the program.

        Args:
            name: Name of the node; that of the ears has ``_ears`` behind it.
            check: Called in every turn; raises what must end the session.
        """
        self._check = check
        self._context = Context()
        rclpy.init(args=[], context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self.node = Node(name, context=self._context)
        self.ears = Node(
            f"{name}_ears",
            context=self._context,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.on_turn: list[Callable[[], None]] = []

    def turn(self) -> None:
        """One turn of the loop: everything that happens while somebody waits."""
        self._check()
        self._executor.spin_once(timeout_sec=TURN_S)
        for call in self.on_turn:
            call()

    def wait_until(self, done: Callable[[], object], timeout_s: float, reason: str) -> None:
        """Turn until something has happened.

        Args:
            done: Whether it has.
            timeout_s: Wall time to wait in [s].
            reason: What to say if it has not.

        Raises:
            GraphError: After the timeout.
        """
        deadline_s = time.monotonic() + timeout_s
        while not done():
            if time.monotonic() > deadline_s:
                raise GraphError(f"{reason} within {timeout_s:g} s")
            self.turn()

    def run_for(self, duration_s: float) -> None:
        """Turn for some wall time in [s]."""
        deadline_s = time.monotonic() + duration_s
        while time.monotonic() < deadline_s:
            self.turn()

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown()
        self.node.destroy_node()
        self.ears.destroy_node()
        self._context.try_shutdown()
