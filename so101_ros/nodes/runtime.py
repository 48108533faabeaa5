"""Start, spin and stop a node, the same way in every process."""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.utilities import ok, try_shutdown

from so101_ros.errors import ConfigError, So101Error
from so101_ros.nodes.middleware import prepare_environment

EXIT_OK = 0
EXIT_BAD_INPUT = 2


@runtime_checkable
class Closable(Protocol):
    """A node that holds more than ROS handles."""

    def close(self) -> None:
        """Release threads, devices and contexts; called once, also after Ctrl-C."""
        ...


def run(factory: Callable[[], Node], args: Sequence[str] | None = None) -> int:
    """Run one node until Ctrl-C, SIGTERM or a shutdown of ROS.

    Args:
        factory: Builds the node; it may raise a :class:`~so101_ros.errors.So101Error`.
        args: Command line; None for ``sys.argv``.

    Returns:
        Exit code of the process: 0 after a shutdown, 2 after an error that the user can act on
        (one line on standard error says which).
    """
    # ROS shuts down in a handler of its own; Python's would raise in the middle of its bindings.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        prepare_environment()
        _initialise(args)
        _spin(factory)
    except So101Error as err:
        sys.stderr.write(f"error: {err}\n")
        return EXIT_BAD_INPUT
    except ExternalShutdownException:
        pass  # Ctrl-C, SIGTERM: the user stops the node
    except RuntimeError:
        if ok():
            raise
        # After a shutdown every call fails, also the one that was next.
    finally:
        try_shutdown()
    return EXIT_OK


def _initialise(args: Sequence[str] | None) -> None:
    try:
        rclpy.init(args=None if args is None else list(args))
    except RuntimeError as err:
        reason = " ".join(str(err).split())
        raise ConfigError(
            f"ROS does not accept the arguments {args or sys.argv[1:]}: {reason}"
        ) from err


def _spin(factory: Callable[[], Node]) -> None:
    node = factory()
    executor = SingleThreadedExecutor()
    try:
        executor.add_node(node)
        executor.spin()
    finally:
        executor.shutdown()
        if isinstance(node, Closable):
            node.close()
        node.destroy_node()
