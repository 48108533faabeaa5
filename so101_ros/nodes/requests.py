"""Ask nodes for something and insist on an answer."""

from typing import Any

from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from std_srvs.srv import Trigger

from so101_ros.errors import GraphError
from so101_ros.nodes.graph_session import GraphSession

ANSWER_TIMEOUT_S = 10.0


class SimulationRequests:
    """What a demo asks of ``mujoco_sim``."""

    def __init__(self, session: GraphSession) -> None:
        """Look for the services; :meth:`ready` tells when they are there.

        Args:
            session: Takes part in the graph.
        """
        self._session = session
        node = session.node
        self._set_parameters = node.create_client(SetParameters, "mujoco_sim/set_parameters")
        self._reset = node.create_client(Trigger, "sim/reset")

    def ready(self) -> bool:
        """Whether both services are offered."""
        return self._set_parameters.service_is_ready() and self._reset.service_is_ready()

    def begin_episode(self, seed: int) -> None:
        """Reset the simulation to the episode of a seed.

        Args:
            seed: Seed of the sheet's start pose.

        Raises:
            GraphError: If a request is refused or not answered.
        """
        value = ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=seed)
        request = SetParameters.Request(parameters=[Parameter(name="seed", value=value)])
        (result,) = self._ask(self._set_parameters, request).results
        if not result.successful:
            raise GraphError(f"mujoco_sim refused seed={seed}: {result.reason}")
        answer = self._ask(self._reset, Trigger.Request())
        if not answer.success:
            raise GraphError(f"mujoco_sim refused sim/reset: {answer.message}")

    def _ask(self, client: Client, request: Any) -> Any:
        future = client.call_async(request)
        reason = f"{client.srv_name} did not answer"
        self._session.wait_until(future.done, ANSWER_TIMEOUT_S, reason)
        return future.result()
