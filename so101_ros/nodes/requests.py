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
    """What demos and evaluations ask of ``mujoco_sim``, and of the policy's node."""

    def __init__(self, session: GraphSession, policy_node: str | None = None) -> None:
        """Look for the services; :meth:`ready` tells when they are there.

        Args:
            session: Takes part in the graph.
            policy_node: Gets each episode's seed too; None for nobody.
        """
        self._session = session
        node = session.node
        seeded = ("mujoco_sim",) if policy_node is None else ("mujoco_sim", policy_node)
        self._set_parameters = {
            name: node.create_client(SetParameters, f"{name}/set_parameters") for name in seeded
        }
        self._reset = node.create_client(Trigger, "sim/reset")

    def ready(self) -> bool:
        """Whether all services are offered."""
        clients = (self._reset, *self._set_parameters.values())
        return all(client.service_is_ready() for client in clients)

    def begin_episode(self, seed: int) -> None:
        """Reset the simulation to the episode of a seed.

        Args:
            seed: Seed of the sheet's start pose, and of the policy's own choices.

        Raises:
            GraphError: If a request is refused or not answered.
        """
        value = ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=seed)
        request = SetParameters.Request(parameters=[Parameter(name="seed", value=value)])
        for name, client in self._set_parameters.items():
            (result,) = self._ask(client, request).results
            if not result.successful:
                raise GraphError(f"{name} refused seed={seed}: {result.reason}")
        answer = self._ask(self._reset, Trigger.Request())
        if not answer.success:
            raise GraphError(f"mujoco_sim refused sim/reset: {answer.message}")

    def _ask(self, client: Client, request: Any) -> Any:
        future = client.call_async(request)
        reason = f"{client.srv_name} did not answer"
        self._session.wait_until(future.done, ANSWER_TIMEOUT_S, reason)
        return future.result()
