"""Nodes in processes of their own, and a node inside the test that talks to them."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from std_srvs.srv import SetBool, Trigger

from so101_ros.nodes import qos

START_S = 30.0  # [s], a busy machine needs a while to start Python processes
STOP_S = 10.0  # [s]


class NodeProcess:
    """One node in a process of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it; its output goes to a file."""
        self._log = log
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                command, env=environment, stdout=stream, stderr=subprocess.STDOUT
            )

    @property
    def output(self) -> str:
        """What it wrote so far, on either stream."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = START_S) -> int:
        """Wait for its end and return the exit code."""
        return self._process.wait(timeout_s)

    def stop(self) -> int:
        """End it as Ctrl-C does, or by force, and return the exit code."""
        if self.is_running:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(STOP_S)


class Probe:
    """A node inside the test that talks to the processes.

    Attributes:
        node: The rclpy node, for whatever has no helper here.
    """

    def __init__(self, domain_id: int, name: str = "probe") -> None:
        """Join a domain."""
        self._context = Context()
        rclpy.init(args=[], context=self._context, domain_id=domain_id)
        self.node = Node(name, context=self._context, start_parameter_services=False)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)

    def close(self) -> None:
        """Leave the domain."""
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def collect(self, message_type: Any, topic: str, profile: QoSProfile) -> list:
        """Subscribe; the returned list grows with every message."""
        messages: list = []
        self.node.create_subscription(message_type, topic, messages.append, profile)
        return messages

    def collect_diagnostics(self, node_name: str) -> list:
        """Subscribe to the reports of one node; the returned list grows with every status."""
        reports: list = []

        def keep(array: DiagnosticArray) -> None:
            reports.extend(status for status in array.status if status.name == node_name)

        self.node.create_subscription(DiagnosticArray, "diagnostics", keep, qos.STATUS)
        return reports

    def publisher(self, message_type: Any, topic: str, profile: QoSProfile) -> Publisher:
        """Publish on a topic, and wait until somebody listens."""
        publisher = self.node.create_publisher(message_type, topic, profile)
        self.spin_until(lambda: publisher.get_subscription_count() > 0, START_S)
        return publisher

    def spin_until(self, predicate: Callable[[], object], timeout_s: float = START_S) -> None:
        """Handle messages until something holds; fail if it never does."""
        end_s = time.monotonic() + timeout_s
        while not predicate():
            if time.monotonic() > end_s:
                pytest.fail(f"waited {timeout_s} s in vain", pytrace=True)
            self._executor.spin_once(timeout_sec=0.05)

    def call(self, service_type: Any, name: str, request: Any) -> Any:
        """Call a service and return the response."""
        client = self.node.create_client(service_type, name)
        self.spin_until(client.service_is_ready)
        future = client.call_async(request)
        self.spin_until(future.done)
        self.node.destroy_client(client)
        return future.result()

    def trigger(self, name: str) -> Trigger.Response:
        """Call a Trigger service."""
        return self.call(Trigger, name, Trigger.Request())

    def set_bool(self, name: str, data: bool) -> SetBool.Response:
        """Call a SetBool service."""
        return self.call(SetBool, name, SetBool.Request(data=data))

    def set_parameter(self, node_name: str, name: str, value: Any) -> SetParametersResult:
        """Change a parameter of another node."""
        message: ParameterMsg = Parameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[message])
        return self.call(SetParameters, f"{node_name}/set_parameters", request).results[0]


def children(parent: int) -> dict[str, int]:
    """Process ids of the nodes that a process has started and that run, by executable."""
    marker = f"so101_ros.bringup.leash\0{parent}\0so101_ros.nodes."
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text()
        except OSError:  # it has just ended
            continue
        if marker in line:
            found[line.split(marker)[1].split("\0")[0]] = int(folder.name)
    return found
